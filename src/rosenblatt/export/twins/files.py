"""The challenge's files in plain Python: the rows to predict come in, the submission goes out."""

import argparse
import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.export.twins.parts import Part, UnfitError, load_model, twin

ID_NAMES = ("id", "ids", "imageid", "image_id", "index", "row_id")
DECIMAL = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")  # a number with a comma
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")  # 1,234: a thousand, or 1.234
COMMENTS = "|#%"  # begin a line above the rows that is none of them
NEAR = 1e-5  # of shares of the classes: what other sums of the same numbers may differ by
FAR = 8  # times smaller than the training images that no file of images is by chance
MISTAKEN = 0.2  # of the Ids, at most, that are texts among numbers by mistake


def read_rows(path: Path) -> tuple[list[list[str]], str]:
    """Return the cells of a CSV, trimmed, and what parts them.

    Empty lines, and an empty last column, are left out.
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        try:
            first = next((line for line in file if line.strip()[:1] not in COMMENTS), "")
            file.seek(0)
            mark = max(",;\t|", key=first.count)
            reader = csv.reader(file, delimiter=mark, skipinitialspace=True, strict=True)
            rows = [[cell.strip() for cell in row] for row in reader]
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnfitError(f"{path}: is no CSV in UTF-8, or a quote strays: {error}") from error
    rows = [row for row in rows if len(row) > 1 or any(row)]
    if rows and len(rows[0]) == 1 < len(rows[-1]) and rows[0][0][:1] in COMMENTS:
        rows = rows[1:]
    if not rows:
        raise UnfitError(f"{path}: holds no rows")
    width = len(rows[0]) - (len(rows[0]) > 1 and rows[0][-1] == "")
    if all(len(row) == width + 1 and row[-1] == "" for row in rows[1:]):
        rows = [row[:width] for row in rows]
    for place, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise UnfitError(f"{path}: row {place}: has {len(row)} columns, row 1 {len(rows[0])}")
    return rows, mark


def number(cell: str) -> float | None:
    """Return the number that a cell says, or None."""
    try:
        return float(cell) if cell.isascii() and "_" not in cell else None
    except ValueError:
        return None


def read_columns(
    model: Part, path: Path, names: list[str], others: list[str], texts: list[str] | None
) -> tuple[list[list[str]], Any]:
    """Return the cells of the columns that are asked for, and the Ids of rows, None without.

    Columns are found by their names; where these only count, by their number. others: names of
    further columns that may be there; texts: of columns whose cells are no numbers, None where a
    first row of texts is one of names.
    """
    rows, mark = read_rows(path)
    first, width = rows[0], len(names) or int(np.prod(model.expected.shape))
    keys = [name for name in first if name == model.header[0]]
    keys += [name for name in first if name.lower() in ID_NAMES and name not in names]
    if names and {*names} <= {*first}:
        odd = [name for name in first if name not in {*names, *keys, *others}]
        if odd or len({*first}) < len(first):
            raise UnfitError(f"{path}: has a column too many or twice: {', '.join(odd or first)}")
        rows, places = rows[1:], [first.index(name) for name in names]
        key = first.index(keys[0]) if keys else None
    else:
        lacking = [name for name in names if name not in first and not name.isdigit()]
        if lacking:
            raise UnfitError(f"{path}: has no column {lacking[0]!r}, of which the model learned")
        if len(first) not in (width, width + 1) or first[1:][-1:] == [""]:
            raise UnfitError(f"{path}: has {len(first)} columns, and {width} are wanted")
        if texts is None and any(cell and number(cell) is None for cell in first[1:] or first):
            rows = rows[1:]
            if any(number(cell) is not None for cell in first):
                raise UnfitError(f"{path}: row 1: are these names, or numbers: {', '.join(first)}?")
        key = first.index(keys[0]) if keys else 0
        places = [place for place in range(len(first)) if place != key or len(first) == width]
        key = key if len(first) > width else None
    if not rows:
        raise UnfitError(f"{path}: holds names, and no rows")
    columns = [[row[place] for row in rows] for place in places]
    ids = None if key is None else [row[key] for row in rows]
    return with_points(columns, names, texts or [], path) if mark == ";" else columns, ids


def with_points(columns: list[list[str]], names: list[str], texts: list[str], path: Path) -> list:
    """Return columns with decimal points, where commas stand for them."""
    asked = [place for place in range(len(columns)) if not names or names[place] not in texts]
    commas = {place: [cell for cell in columns[place] if "," in cell] for place in asked}
    commas = {place: held for place, held in commas.items()
              if held and all(map(DECIMAL.fullmatch, held))}  # fmt: skip
    held = [cell for cells in commas.values() for cell in cells]
    points = any("." in cell and number(cell) is not None for one in asked for cell in columns[one])
    if held and (points or all(map(GROUPED.fullmatch, held))):
        raise UnfitError(f"{path}: does the comma of {held[0]!r} part decimals, or thousands?")
    return [[cell.replace(",", ".") for cell in column] if place in commas else column
            for place, column in enumerate(columns)]  # fmt: skip


@twin("files.numbers")
def read_numbers(part: Part, model: Part, path: Path) -> tuple[np.ndarray, Any]:
    """Return the samples of a file [n, ...], and their Ids, None where it has none."""
    columns, ids = read_columns(model, path, model.expected.names, [], None)
    with np.errstate(over="ignore"):
        numbers = np.array([[*map(number, column)] for column in columns], np.float32)
    for column, row in np.argwhere(~np.isfinite(numbers)):
        raise UnfitError(f"{path}: {columns[column][row]!r} of row {row + 1} is no finite number")
    most, largest = np.abs(numbers).max(), model.expected.largest
    if largest and most and not largest / FAR < most <= 2 * largest:
        raise UnfitError(f"{path}: has pixels up to {most:g}, the training images to {largest:g}")
    return np.ascontiguousarray(numbers.T).reshape(-1, *model.expected.shape), ids


def read_file(model: Part, path: Path) -> tuple[Any, Any]:
    """Return the samples of a file, and their Ids, each there once, None where it has none."""
    samples, ids = model.reader(model, path)
    texts = [name for name in ids or [] if number(name) is None]
    odd = [name for name in texts if name[:1] in "=+-@"]  # "" too
    odd += texts if len(texts) <= MISTAKEN * len(ids or []) else []
    odd += [name for name, count in Counter(ids or []).items() if count > 1]
    if odd:
        raise UnfitError(f"{path}: {odd[0]!r} is no Id, or that of several rows")
    return samples, ids


def read_tests(model: Part, folder: Path) -> tuple[Any, Any, Any]:
    """Return the samples of all test files, their Ids, and the set of each where there are more."""
    found = [read_file(model, folder / name) for name in model.expected.files]
    samples, ids = found[0]
    if len(found) == 1:
        return samples, ids, None
    samples = np.concatenate([samples for samples, _ in found])
    sets = np.repeat(np.arange(len(found)), [len(samples) for samples, _ in found])
    ids = [name for _, ids in found for name in ids or []]
    return samples, ids if len(set(ids)) == len(samples) else None, sets


def ids_and_order(model: Part, folder: Path, ids: Any, count: int) -> tuple[list[str], Any]:
    """Return the Ids of a submission, as the sample lists them, and the test row of each."""
    expected, name = model.expected, model.header[0]
    if not expected.sample:
        return ids or [str(expected.first + row) for row in range(count)], [*range(count)]
    path = folder / expected.sample
    rows, _ = read_rows(path)
    place = rows[0].index(name) if name in rows[0] else 0
    listed = [row[place] for row in rows[name in rows[0] or len(rows) > count :]]
    if len(listed) != count or (ids is not None and {*listed} != {*ids}):
        raise UnfitError(f"{path}: lists {len(listed)} Ids that are not those of {count} test rows")
    rows_of = {} if ids is None else {own: row for row, own in enumerate(ids)}
    return listed, [rows_of[one] for one in listed] if rows_of else [*range(count)]


def tell_near_ties(model: Part, votes: np.ndarray, ids: Any) -> None:
    """Name the rows whose answer hangs on less than NEAR, which other digits could turn round."""
    if model.margin is not None:
        for row in np.flatnonzero(model.margin(model, votes) < NEAR):
            name = f"row {row + 1}" if ids is None else f"{model.header[0]} {ids[row]}"
            print(f"{name}: its two best answers are closer than {NEAR}; decide yourself")


def predict_file(path: Any) -> list:
    """Return the answer to each row of a CSV, in its order; a list where it has several columns."""
    model = load_model(Path(__file__).with_suffix(".npz"))
    samples, ids = read_file(model, Path(path))
    votes = model(samples)
    tell_near_ties(model, votes, ids)
    return [cells if len(cells) > 1 else cells[0] for cells in model.answer(model, votes)]


def write_submission(folder: Path, out: Path) -> int:
    """Write the answers to the test rows of the challenge's folder; return how many there are."""
    model = load_model(Path(__file__).with_suffix(".npz"))
    header = [model.header[0], *([name for name, _ in model.class_columns] or [model.header[1]])]
    read = (*model.expected.files, model.expected.sample)
    if out.name in read or (out.exists() and read_rows(out)[0][0] != header):
        raise UnfitError(f"{out}: is not written: it is no submission to renew; give another name")
    samples, ids, sets = read_tests(model, folder)
    votes = model(samples, sets)
    cells = model.answer(model, votes)
    ids, order = ids_and_order(model, folder, ids, len(votes))
    tell_near_ties(model, votes[order], ids)
    with open(out, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([name, *cells[row]] for name, row in zip(ids, order, strict=True))
    return len(ids)


def main() -> None:
    """Read the challenge's folder, and write the submission."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=".", help="of the challenge's files")
    parser.add_argument("--out", default="submission.csv", help="(default: %(default)s)")
    asked = parser.parse_args()
    try:
        print(f"{asked.out}: {write_submission(Path(asked.folder), Path(asked.out))} rows")
    except (OSError, UnfitError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
