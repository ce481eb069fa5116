"""Columns described as numbers, and made of others, in plain NumPy."""

import itertools
import re
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.export.twins.parts import Part, twin
from rosenblatt.export.twins.tables import Column, codes_of

WORD_FORM = re.compile(r"[^\W_]+")
PIECE_FORM = re.compile(r"[0-9]+|[^\W\d_]+")
NUMBER_FORM = re.compile(r"(?<![\w.])[-+]?[0-9][0-9,]*(?:\.[0-9]+)?(?![0-9])|(?<=[^\W\d_])[0-9]+\b")
CLIP = 3.0  # of robust numbers, in distances of the quartiles


@twin("features.tables.cells._Number")
def as_number(part: Part, column: Column) -> np.ndarray:
    return column.values[:, None]


@twin("features.tables.cells._Less")
def less(part: Part, column: Column) -> np.ndarray:
    return (column.values - part.middle).astype(np.float32)[:, None]


@twin("features.tables.cells._Code")
def as_code(part: Part, column: Column) -> np.ndarray:
    return np.where(column.codes < 0, np.nan, column.codes)[:, None]


@twin("features.tables.numbers._Scaled")
def scaled(part: Part, column: Column) -> np.ndarray:
    """Return numbers on a scale, what is missing filled in, and flagged where it was learned."""
    missing = np.isnan(column.values)
    filled = np.where(missing, part.middle, column.values)
    found = on_scale(part.scale, part.known, filled) if len(part.known) else filled[:, None]
    return np.hstack([found, missing[:, None]]) if part.flagged else found


def on_scale(scale: str, known: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return numbers [n] as [n, d]; known: what the training rows told of the scale."""
    if scale == "standard":
        return ((numbers - known[0]) / known[1])[:, None]
    if scale == "log":
        above = np.maximum(numbers - min(0.0, known[0]), 0)
        return np.stack([np.log1p(above), numbers == 0], 1)
    if scale == "robust":
        low, middle, high = known
        return np.clip((numbers - middle) / ((high - low) or 1.0), -CLIP, CLIP)[:, None]
    if scale == "quantile":
        sides = [np.searchsorted(known, numbers, side) for side in ("left", "right")]
        return ((sides[0] + sides[1]) / (2 * len(known)))[:, None]
    return numbers[:, None]


@twin("features.tables.levels.Looked")
def looked(part: Part, column: Column) -> np.ndarray:
    """Return the row of a table for each level: the first where it is missing, the last if new."""
    return part.table[np.minimum(column.codes, len(part.table) - 2) + 1]


@twin("features.tables.levels._Made")
def chosen(part: Part, column: Column) -> np.ndarray:
    """Return a column of 0 and 1 for each choice that is known."""
    return np.array([[choice in (cell or ()) for choice in part.known] for cell in column.values])


@twin("features.tables.dates._Scaled")
def dates(part: Part, column: Column) -> np.ndarray:
    """Return day and year on their scales, waves of month, day of the week and hour."""
    days = (column.values - np.datetime64("2000-01-01")) / np.timedelta64(1, "D")
    found = [days, date_part(column, "year")]
    for name, period in (("month", 12), ("day_of_week", 7), ("hour", 24)):
        angle = date_part(column, name) * (2 * np.pi / period)
        found += [np.sin(angle), np.cos(angle)]
    return np.nan_to_num((np.stack(found, 1) - part.mean) / part.scale)


def date_part(column: Column, what: str) -> np.ndarray:
    """Return year, month, day, day of the week (Monday is 0) or hour, NaN where missing."""
    year, month, day, hour = (column.values.astype(f"datetime64[{unit}]") for unit in "YMDh")
    numbers = {
        "year": year.astype(np.int64) + 1970,
        "month": month.astype(np.int64) % 12 + 1,
        "day": (day - month).astype(np.int64) + 1,
        "day_of_week": (day.astype(np.int64) + 3) % 7,
        "hour": (hour - day).astype(np.int64),
    }
    return np.where(np.isnat(column.values), np.nan, numbers[what])


@twin("features.tables.words._Weighed")
def weighed(part: Part, column: Column) -> np.ndarray:
    """Return words counted, weighed, and brought to length 1."""
    rows = part.words(column) * part.weights
    return rows / np.maximum(np.sqrt(np.square(rows).sum(1, keepdims=True)), np.float32(1e-12))


@twin("features.tables.words.Words")
def counts(part: Part, column: Column) -> np.ndarray:
    """Return how often each bucket of words occurs in each row."""
    out = np.zeros((len(column.values), part.buckets), np.float32)
    for row, text in enumerate(column.values):
        for piece in pieces(part.of, text.lower()) if text is not None else ():
            out[row, zlib.crc32(piece.encode()) % part.buckets] += 1
    return out


def pieces(of: str, text: str) -> Iterator[str]:
    """Yield the words of a text, their pairs, or runs of 3 to 5 letters."""
    words = WORD_FORM.findall(text)
    if of == "letters":
        line = f" {' '.join(words)} "
        for size in (3, 4, 5):
            yield from (line[start : start + size] for start in range(len(line) - size + 1))
        return
    yield from words
    if of == "words":
        yield from map(" ".join, itertools.pairwise(words))


@twin("features.tables.derived.Category")
def category(part: Part, cells: list) -> Column:
    """Return a column of levels; one that is not known is missing."""
    codes = codes_of(cells, part.levels)
    codes = np.where(codes < len(part.levels), codes, -1)
    levels = np.array([*part.levels, np.nan if part.ordered else None],
                      float if part.ordered else object)  # fmt: skip
    return Column(levels[codes], codes)


@twin("features.tables.derived._Derived")
def derived(part: Part, table: dict) -> dict:
    """Return more columns by name, each made of one that is there."""
    return {what: make(table[name]) for what, (name, make) in part.learned.items()}


@twin("features.tables.date_parts._Code")
def date_code(part: Part, column: Column) -> Column:
    return part.category(date_part(column, part.part).tolist())


@twin("features.tables.crossings._Crossed")
def crossed(part: Part, table: dict) -> dict:
    """Return a category for each pair of columns, by name."""
    known = {" x ".join(one.columns): one for one in part.crossings if one.category is not None}
    return {name: one(table) for name, one in known.items()}


@twin("features.tables.crossings._Crossing")
def crossing(part: Part, table: dict) -> Column:
    """Return the category of two columns."""
    pairs = zip(part.levels, part.columns, strict=True)
    first, second = (words(table[name]) for words, name in pairs)
    return part.category([f"{one} & {other}" for one, other in zip(first, second, strict=True)])


@twin("features.tables.crossings._Levels")
def level_words(part: Part, column: Column) -> list[str]:
    """Return the level of each row in words."""
    known = {level: str(level) for level in part.known}
    return [known.get(cell, "missing") for cell in column.values.tolist()]


@twin("features.tables.parts._Piece")
def piece(part: Part, column: Column) -> Column:
    """Return the pieces in a place of codes: a category, or numbers."""
    found = [PIECE_FORM.findall(text or "")[: part.count] for text in column.values]
    texts = [one[part.place] if part.place < len(one) else None for one in found]
    if part.category is not None:
        return part.category(texts)
    return Column(np.array([float(text) if text and text.isdigit() else np.nan for text in texts]))


@twin("features.tables.quantities._Number")
def quantity(part: Part, column: Column) -> Column:
    """Return the one number in each text."""
    found = [quantity_of(text) for text in column.values]
    return Column(np.array([np.nan if one is None else one[0] for one in found]))


@twin("features.tables.quantities._Unit")
def unit(part: Part, column: Column) -> Column:
    """Return the words beside the one number in each text."""
    found = [quantity_of(text) for text in column.values]
    return part.category([None if one is None else one[1] for one in found])


def quantity_of(text: Any) -> Any:
    """Return the one number in a text, and the words beside it, or None."""
    found = NUMBER_FORM.findall(text or "")
    if len(found) != 1:
        return None
    return float(found[0].replace(",", "")), NUMBER_FORM.sub("", text).strip().lower()
