"""The challenge's files in plain Python: the rows to predict come in, the submission goes out."""

import argparse
import csv
import re
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.export.twins.parts import Part, load_model, twin

ID_NAMES = ("id", "ids", "imageid", "image_id", "index", "row_id")
DECIMAL = r"^([+-]?[0-9]*),([0-9]+(?:[eE][+-]?[0-9]+)?)$"  # a number with a comma
COMMENTS = "|#%"  # begin a line above the rows that is none of them
NEAR = 1e-5  # of shares of the classes: what other sums of the same numbers may differ by


def read_rows(path: Path) -> list[list[str]]:
    """Return the cells of a CSV, trimmed, without empty lines, and without an empty last column.

    Where semicolons part the cells, numbers may have decimal commas.
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        first = next((line for line in file if line.strip()[:1] not in COMMENTS), "")
        file.seek(0)
        mark = max(",;\t|", key=first.count)
        reader = csv.reader(file, delimiter=mark, skipinitialspace=True)
        rows = [[cell.strip() for cell in row] for row in reader]
    rows = [row for row in rows if len(row) > 1 or any(row)]
    if len(rows[0]) == 1 < len(rows[-1]) and rows[0][0][:1] in COMMENTS:
        rows = rows[1:]
    empty = all(len(row) > 1 and row[-1] == "" for row in rows)
    rows = [row[:-1] for row in rows] if empty else rows
    if mark == ";":
        return [[re.sub(DECIMAL, r"\1.\2", cell) for cell in row] for row in rows]
    return rows


def number(cell: str) -> float | None:
    """Return the number that a cell says, or None."""
    try:
        return float(cell) if cell.isascii() and "_" not in cell else None
    except ValueError:
        return None


def placed(model: Part, path: Path, names: list[str], headed: bool) -> tuple[list, list, Any]:
    """Return the rows of a file, the places of what is asked for, and that of the Id or None.

    Columns are found by their names; where these only count, by their number, and headed says
    whether a first row with a text is one of names.
    """
    rows = read_rows(path)
    first, own = rows[0], model.header[0]
    if names and {*names} <= {*first}:
        keys = [name for name in first if name == own]
        keys += [name for name in first if name.lower() in ID_NAMES and name not in names]
        key = first.index(keys[0]) if keys else None
        return rows[1:], [first.index(name) for name in names], key
    lacking = [name for name in names if name not in first and not name.isdigit()]
    if lacking:
        raise SystemExit(f"{path}: has no column {lacking[0]!r}, of which the model learned")
    if headed and any(number(cell) is None for cell in first[1:]):
        rows = rows[1:]
    width = len(names) or int(np.prod(model.expected.shape))
    key = 0 if len(first) == width + 1 else None
    places = [place for place in range(len(first)) if place != key]
    if len(places) != width:
        raise SystemExit(f"{path}: has {len(places)} columns, and {width} are wanted")
    return rows, places, key


@twin("files.numbers")
def read_numbers(part: Part, model: Part, path: Path) -> tuple[np.ndarray, Any]:
    """Return the samples of a file [n, ...], and their Ids, None where it has none."""
    rows, places, key = placed(model, path, model.expected.names, True)
    numbers = np.array([[float(row[place]) for place in places] for row in rows], np.float32)
    ids = None if key is None else [row[key] for row in rows]
    return numbers.reshape(-1, *model.expected.shape), ids


def read_tests(model: Part, folder: Path) -> tuple[Any, Any, Any]:
    """Return the samples of all test files, their Ids, and the set of each where there are more."""
    found = [model.reader(model, folder / name) for name in model.expected.files]
    samples, ids = found[0]
    if len(found) == 1:
        return samples, ids, None
    samples = np.concatenate([samples for samples, _ in found])
    sets = np.repeat(np.arange(len(found)), [len(samples) for samples, _ in found])
    ids = [name for _, ids in found for name in ids or []]
    return samples, ids if len(set(ids)) == len(samples) else None, sets


def ids_and_order(model: Part, folder: Path, ids: Any, count: int) -> tuple[list[str], Any]:
    """Return the Ids of a submission, as the sample lists them, and the test row of each."""
    expected, order = model.expected, list(range(count))
    if expected.sample and (folder / expected.sample).exists():
        wanted = [row[0] for row in read_rows(folder / expected.sample)[1:]]
        if ids is not None:
            place = {name: row for row, name in enumerate(ids)}
            order = [place[name] for name in wanted]
        return wanted, order
    return ids or [str(expected.first + row) for row in range(count)], order


def tell_near_ties(model: Part, votes: np.ndarray, ids: Any) -> None:
    """Name the rows whose answer hangs on less than NEAR, which other digits could turn round."""
    if model.margin is not None:
        for row in np.flatnonzero(model.margin(model, votes) < NEAR):
            name = f"row {row + 1}" if ids is None else f"{model.header[0]} {ids[row]}"
            print(f"{name}: its two best answers are closer than {NEAR}; decide yourself")


def predict_file(path: Any) -> list:
    """Return the answer to each row of a CSV, in its order; a list where it has several columns."""
    model = load_model(Path(__file__).with_suffix(".npz"))
    samples, ids = model.reader(model, Path(path))
    votes = model(samples)
    tell_near_ties(model, votes, ids)
    return [cells if len(cells) > 1 else cells[0] for cells in model.answer(model, votes)]


def main() -> None:
    """Read the challenge's folder, and write the submission."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=".", help="of the challenge's files")
    parser.add_argument("--out", default="submission.csv", help="(default: %(default)s)")
    arguments = parser.parse_args()
    folder = Path(arguments.folder)
    model = load_model(Path(__file__).with_suffix(".npz"))
    samples, ids, sets = read_tests(model, folder)
    votes = model(samples, sets)
    cells = model.answer(model, votes)
    ids, order = ids_and_order(model, folder, ids, len(votes))
    tell_near_ties(model, votes[order], ids)
    columns = [name for name, _ in model.class_columns] or [model.header[1]]
    with open(arguments.out, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([model.header[0], *columns])
        writer.writerows([name, *cells[row]] for name, row in zip(ids, order, strict=True))
    print(f"{arguments.out}: {len(ids)} rows")
