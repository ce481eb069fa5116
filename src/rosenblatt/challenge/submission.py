"""A submission is checked before it is written, and again before it is handed in."""

import codecs
import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.form import Form
from rosenblatt.data.rows import Row, raw_rows
from rosenblatt.data.text import check_file, exact, number, short
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic
from rosenblatt.metrics import find_metric

SHOWN = 20  # labels listed in a fault


class Fault(NamedTuple):
    """One fault of a submission: the line of the file (from 1; 0 is the whole file), and what."""

    row: int
    message: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}" if self.row else self.message


def write_submission(path: Path | str, challenge: Challenge, predictions: np.ndarray) -> str:
    """Write predictions as a CSV and return its SHA-256.

    predictions: [M] integer indices into `challenge.classes`, in the order of `test_ids`; or
    finite numbers, such as probabilities, where the metric wants no classes, [M, C] where the
    sample submission has C columns of classes.
    Only expected Ids and labels are written, whole or not at all.
    Raises UserError where the place cannot be written, ValueError where predictions do not fit.
    """
    predictions = np.asarray(predictions)
    names = [name for name, _ in challenge.class_columns] or [challenge.label_column]
    columns = len(challenge.class_columns)
    expected = (len(challenge.test_ids), columns) if columns else (len(challenge.test_ids),)
    kind = predictions.dtype.kind
    numbers = find_metric(challenge.metric).wants != "labels" and kind == "f"
    if numbers and predictions.shape == expected and np.isfinite(predictions).all():
        return write_rows(
            path, [challenge.id_column, *names], challenge.test_ids, cells_of(predictions, ())
        )
    if predictions.shape != expected or kind not in "iu":
        raise ValueError(
            f"predictions are {predictions.dtype}{list(predictions.shape)}, "
            f"expected class indices {list(expected)}"
        )
    if not ((predictions >= 0) & (predictions < len(challenge.classes))).all():
        raise ValueError(f"predictions outside 0..{len(challenge.classes) - 1}")
    cells = cells_of(predictions, challenge.classes)
    return write_rows(path, [challenge.id_column, *names], challenge.test_ids, cells)


def cells_of(predictions: np.ndarray, classes: Sequence[str]) -> list[list[str]]:
    """Return predictions as the cells of a submission's rows: the names of classes, or numbers."""
    if predictions.dtype.kind in "iu":
        return [[classes[index]] for index in predictions]
    rows = predictions.reshape(len(predictions), -1)
    return [[repr(float(value)) for value in row] for row in rows]


def write_rows(
    path: Path | str, header: Sequence[str], ids: Sequence[str], cells: list[list[str]]
) -> str:
    """Write cells below a header, each row after its Id; return the SHA-256.

    Raises UserError as write_atomic.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([name, *row] for name, row in zip(ids, cells, strict=True))
    content = text.getvalue().encode()
    write_atomic(path, content)
    return hashlib.sha256(content).hexdigest()


def check_submission(path: Path | str, form: Form) -> list[Fault]:
    """Return the faults of a submission by row, none if it can be handed in.

    Looked at: encoding, emptiness, header, count of columns and rows, labels, and Ids: unexpected,
    twice, missing. Their order is free. Raises UserError where there is no file that can be opened.
    """
    path = Path(path)
    if os.path.isfile(path) and os.path.getsize(path) == 0:
        return [Fault(0, "the file is empty")]
    check_file(path)
    marked = path.read_bytes().startswith(codecs.BOM_UTF8)
    try:
        rows = raw_rows(path)
    except UserError as error:
        return [Fault(0, str(error).removeprefix(f"{path}: "))]
    header, body = rows[0], rows[1:]
    faults = [Fault(1, "begins with a byte-order mark; save it as plain UTF-8")] if marked else []
    faults += _header_faults(header, form)
    if not body:
        return [*faults, Fault(header[0], "the file has a header and no rows")]
    faults += _row_faults(body, form)
    faults += _space_faults(path, form)
    return faults


def _header_faults(header: Row, form: Form) -> Iterator[Fault]:
    if tuple(header[1]) not in form.headers:
        wanted = ",".join(form.headers[0])
        yield Fault(header[0], f"header is {','.join(header[1])!r}, expected {wanted!r}")


def _row_faults(body: list[Row], form: Form) -> Iterator[Fault]:
    expected, labels = set(form.ids), set(form.labels)
    seen: dict[str, int] = {}
    for line, cells in body:
        width = len(form.headers[0])
        if len(cells) != width:
            yield Fault(line, f"has {len(cells)} columns, expected {width}")
        name, label = cells[0], cells[1:width]
        if name not in expected:
            yield Fault(line, f"unexpected Id {name!r}")
        elif name in seen:
            yield Fault(line, f"Id {name} occurs already in row {seen[name]}")
        else:
            seen[name] = line
        if form.ends is not None:
            yield from _number_faults(line, label, form.ends)
        elif label and label[0] not in labels:
            yield Fault(line, _label_fault(label[0], form))
    yield from _spelling_faults(body, form)
    for name in form.ids:
        if name not in seen:
            yield Fault(0, f"Id {name} is missing")
    if len(body) != len(form.ids):
        yield Fault(0, f"has {len(body)} rows, expected {len(form.ids)}")


def _spelling_faults(body: list[Row], form: Form) -> Iterator[Fault]:
    """Yield the rows that keep not to the way in which most rows spell their labels."""
    allowed = set(form.labels)
    counts = Counter(cells[1] for _, cells in body if len(cells) > 1 and cells[1] in allowed)
    usual = max(form.ways, key=lambda way: sum(counts[name] for name in way), default=())
    other = next((name for name in usual if name in counts), "")
    write = {exact(name): name for name in usual}
    odd = {name: write[exact(name)] for name in counts.keys() - {*usual}}
    for line, cells in body:
        if len(cells) > 1 and cells[1] in odd:
            yield Fault(
                line,
                f"label {cells[1]!r} is spelled otherwise than {other!r} in other rows; write "
                f"{odd[cells[1]]!r}",
            )


def _space_faults(path: Path, form: Form) -> Iterator[Fault]:
    """Yield the rows whose label, a text, a space follows: a board may take it for another."""
    texts = tuple(name for name in form.labels if number(name) is None)
    for line, row in enumerate(path.read_text("utf-8-sig").split("\n")[1:], 2):
        bare = row.removesuffix("\r")
        label = bare.rpartition(",")[2].strip()
        if bare[-1:] in (" ", "\t") and label in texts:
            yield Fault(line, f"a space follows label {label!r}; remove it")


def _number_faults(line: int, cells: list[str], ends: tuple[float, float]) -> Iterator[Fault]:
    for cell in cells:
        value = number(cell)
        if value is None or not ends[0] <= value <= ends[1]:
            yield Fault(line, f"{short(cell)} is no number {_between(ends)}")


def _between(ends: tuple[float, float]) -> str:
    return "that is finite" if ends[1] > 1 else "from 0 to 1"


def _label_fault(label: str, form: Form) -> str:
    near = [name for name in form.labels if name.casefold() == label.strip().casefold()]
    if near:
        return f"label {label!r} is spelled {near[0]!r} in the training file"
    if label in form.shown.values():
        return f"label {label!r} is the placeholder of the sample submission; write a prediction"
    shown = ", ".join(form.labels[:SHOWN]) + (" ..." if len(form.labels) > SHOWN else "")
    return f"label {label!r} is not one of {shown}"


def is_sample(path: Path | str, form: Form) -> bool:
    """Say whether all labels of a submission without faults are those of the sample submission."""
    rows = raw_rows(Path(path))[1:]
    return bool(form.shown) and all(form.shown.get(c[0]) == ",".join(c[1:]) for _, c in rows)
