"""Labels as they are written become classes: numbers by value, text by spelling, or a refusal."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from rosenblatt.challenge.spelling import spellings
from rosenblatt.data.source import Source
from rosenblatt.data.text import DECIMAL, MISSING, exact, number, short
from rosenblatt.errors import UserError

CURE = "or list the classes, as spelled in the file, as classes = [...] in challenge.toml"


class Labels(NamedTuple):
    """Labels as written, and the file and the line (from 1) of each."""

    written: Sequence[str]
    places: Sequence[tuple[Source, int]]


class Encoded(NamedTuple):
    """indices: [N] int64 into the classes; notes: what was chosen."""

    indices: np.ndarray
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def encode_labels(
    labels: Labels, listed: tuple[str, ...] | None, shown: Sequence[str] = ()
) -> Encoded:
    """Return labels as indices, and the classes: numbers ascending, text by code point.

    listed: the classes in challenge.toml, if it has them; shown: the labels of a sample
    submission, which tells how numbers are spelled.
    Raises UserError naming rows: a label that is missing or none of those listed; and where they
    are not listed: text among numbers, two spellings of a class, numbers that are not whole, more
    classes than a tenth of the rows, one class only.
    """
    first = {label: place for place, label in reversed([*enumerate(labels.written)])}
    values = {label: exact(label) for label in first}
    notes: tuple[str, ...] = ()
    if listed is not None:
        names, classes = _among(labels, first, values, listed), listed
    else:
        _check_missing(labels, first)
        texts = [label for label, value in values.items() if value is None]
        if not texts:
            names, classes = _numbers(labels, first, values, shown)
        else:
            _check_texts(labels, first, texts)
            plain = {label.strip() for label in first}
            names = {label: _unstopped(label.strip(), plain) for label in first}
            classes = tuple(sorted({*names.values()}))
            notes = _otherwise(classes, shown)
        _check_count(labels, classes)
    index = {name: place for place, name in enumerate(classes)}
    indices = np.array([index[names[label]] for label in labels.written], np.int64)
    return Encoded(indices, classes, _notes(names) + notes)


def _unstopped(name: str, names: set[str]) -> str:
    """Return a label without its full stop, where that is a label too, as in adult.test."""
    return name[:-1] if name[-1:] == "." and name[:-1] in names else name


def _where(labels: Labels, place: int) -> str:
    source, line = labels.places[place]
    return f"{source}: row {line}"


def _among(
    labels: Labels,
    first: dict[str, int],
    values: dict[str, Decimal | None],
    listed: tuple[str, ...],
) -> dict[str, str]:
    same_number = {exact(name): name for name in reversed(listed) if exact(name) is not None}
    names = {}
    for label, place in first.items():
        name = label.strip()
        if name not in listed:
            if values[label] not in same_number:
                raise UserError(
                    f"{_where(labels, place)}: label {short(name)} is not one of the classes in "
                    "challenge.toml; correct one or the other."
                )
            name = same_number[values[label]]
        names[label] = name
    return names


def _check_missing(labels: Labels, first: dict[str, int]) -> None:
    for label, place in first.items():
        name = label.strip()
        value = number(name)
        if name in MISSING or (value is not None and value - value != 0):
            raise UserError(
                f"{_where(labels, place)}: {short(name)} is not a label; fill it in, drop the row, "
                f"{CURE}."
            )


def _numbers(
    labels: Labels,
    first: dict[str, int],
    values: dict[str, Decimal | None],
    shown: Sequence[str],
) -> tuple[dict[str, str], tuple[str, ...]]:
    numbers = {}
    for label, value in values.items():
        if value is None or value != value.to_integral_value() or abs(value) >= 10**18:
            raise UserError(
                f"{_where(labels, first[label])}: label {short(label.strip())} is not a whole "
                f"number, and this edition asks for classes: fix it, {CURE}."
            )
        numbers[label] = value
    spelled = spellings(numbers, shown)
    names = {label: spelled[value] for label, value in numbers.items()}
    return names, tuple(spelled[value] for value in sorted(spelled))


def _check_texts(labels: Labels, first: dict[str, int], texts: list[str]) -> None:
    counts = Counter(labels.written)
    comma = next((label for label in first if DECIMAL.fullmatch(label.strip())), None)
    if comma is not None:
        raise UserError(
            f"{_where(labels, first[comma])}: label {short(comma)} has a decimal comma; write "
            f"whole numbers, {CURE}."
        )
    among = [label for label in first if label not in texts]
    if among:
        few = min(texts, among, key=lambda some: sum(counts[label] for label in some))
        what, other = ("text", "numbers") if few is texts else ("a number", "text")
        odd = min(few, key=lambda label: (counts[label], first[label]))
        raise UserError(
            f"{_where(labels, first[odd])}: label {short(odd)} is {what} among {other}; fix it, "
            f"{CURE}."
        )
    folded: dict[str, str] = {}
    for label in texts:
        shown = (sign for sign in label if unicodedata.category(sign) != "Cf")
        key = " ".join(unicodedata.normalize("NFKC", "".join(shown)).casefold().split())
        other = folded.setdefault(key, label)
        if other != label:
            rare, usual = sorted((label, other), key=lambda name: (counts[name], -first[name]))
            raise UserError(
                f"{_where(labels, first[rare])}: label {short(rare)} and {short(usual)} in row "
                f"{labels.places[first[usual]][1]} are one word, spelled in two ways; fix one, "
                f"{CURE}."
            )


def _check_count(labels: Labels, classes: tuple[str, ...]) -> None:
    source = labels.places[0][0]
    K, N = len(classes), len(labels.written)
    if K < 2:
        raise UserError(
            f"{source}: every label is {classes[0]}; there is nothing to tell apart. "
            f"Give rows of other classes, {CURE}."
        )
    if K > 2 and 10 * K > N:
        raise UserError(
            f"{source}: {K} different labels in {N} rows, and this edition asks for classes: "
            'give more rows, write kind = "table" where they are quantities of a table, '
            f"{CURE}."
        )


def _notes(names: dict[str, str]) -> tuple[str, ...]:
    """Return what is to be said of labels that are written in several ways."""
    written: dict[str, set[str]] = {}
    for label, name in names.items():
        written.setdefault(name, set()).add(label.strip())
    mixed = [f"{' and '.join(sorted(found))} as {name}" for name, found in sorted(written.items())
             if found != {name}]  # fmt: skip
    more = f" and {len(mixed) - 5} more" if len(mixed) > 5 else ""
    how = "labels are one where their numbers are, or all but a full stop"
    return (f"{how}: {', '.join(mixed[:5])}{more}",) if mixed else ()


def _otherwise(classes: tuple[str, ...], shown: Sequence[str]) -> tuple[str, ...]:
    """Return what is to be said of texts that a sample submission spells in another case."""
    known = {name.casefold(): name for name in classes}
    odd = [text for text in dict.fromkeys(name.strip() for name in shown)
           if text not in classes and text.casefold() in known]  # fmt: skip
    told = ", ".join(f"{text} as {known[text.casefold()]}" for text in odd[:5])
    return (f"labels are spelled as in the training file, of the sample's {told}",) if odd else ()
