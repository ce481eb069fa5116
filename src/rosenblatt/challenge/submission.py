"""A submission is checked before it is written, and again before it is handed in."""

import codecs
import csv
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.data.text import Row, check_file, raw_rows
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic


class Fault(NamedTuple):
    """One fault of a submission: the line of the file (from 1; 0 is the whole file), and what."""

    row: int
    message: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}" if self.row else self.message


def write_submission(path: Path | str, challenge: Challenge, predictions: np.ndarray) -> str:
    """Write predictions as a CSV and return its SHA-256.

    predictions: [M] integer indices into `challenge.classes`, in the order of `test_ids`.
    Only expected Ids and labels are written, whole or not at all.
    Raises UserError where the place cannot be written, ValueError where predictions do not fit.
    """
    predictions = np.asarray(predictions)
    expected = (len(challenge.test_ids),)
    if predictions.shape != expected or predictions.dtype.kind not in "iu":
        raise ValueError(
            f"predictions are {predictions.dtype}{list(predictions.shape)}, "
            f"expected class indices {list(expected)}"
        )
    if not ((predictions >= 0) & (predictions < len(challenge.classes))).all():
        raise ValueError(f"predictions outside 0..{len(challenge.classes) - 1}")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([challenge.id_column, challenge.label_column])
    labels = (challenge.classes[index] for index in predictions)
    writer.writerows(zip(challenge.test_ids, labels, strict=True))
    content = text.getvalue().encode()
    write_atomic(path, content)
    return hashlib.sha256(content).hexdigest()


def check_submission(path: Path | str, challenge: Challenge) -> list[Fault]:
    """Return the faults of a submission by row, none if it can be handed in.

    Looked at: encoding, emptiness, header, count of columns and rows, labels, and Ids: unexpected,
    twice, missing, out of order. Raises UserError where there is no file that can be opened.
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
    faults += _header_faults(header, challenge)
    if not body:
        return [*faults, Fault(header[0], "the file has a header and no rows")]
    faults += _row_faults(body, challenge)
    return faults


def _header_faults(header: Row, challenge: Challenge) -> Iterator[Fault]:
    wanted = [challenge.id_column, challenge.label_column]
    if header[1] != wanted:
        yield Fault(header[0], f"header is {','.join(header[1])!r}, expected {','.join(wanted)!r}")


def _row_faults(body: list[Row], challenge: Challenge) -> Iterator[Fault]:
    expected, labels = set(challenge.test_ids), set(challenge.classes)
    seen: dict[str, int] = {}
    for line, cells in body:
        if len(cells) != 2:
            yield Fault(line, f"has {len(cells)} columns, expected 2")
        name, label = cells[0], cells[1:2]
        if name not in expected:
            yield Fault(line, f"unexpected Id {name!r}")
        elif name in seen:
            yield Fault(line, f"Id {name} occurs already in row {seen[name]}")
        else:
            seen[name] = line
        if label and label[0] not in labels:
            yield Fault(line, f"label {label[0]!r} is none of {', '.join(challenge.classes)}")
    for place, name in enumerate(challenge.test_ids, 2):
        if name not in seen:
            yield Fault(place, f"Id {name} is missing, expected here")
    if len(body) != len(challenge.test_ids):
        yield Fault(0, f"has {len(body)} rows, expected {len(challenge.test_ids)}")
    yield from _order_faults(list(seen.items()), challenge)


def _order_faults(seen: list[tuple[str, int]], challenge: Challenge) -> Iterator[Fault]:
    """Yield the first row that is out of order: all behind it would be too."""
    present = {name for name, _ in seen}
    wanted = (name for name in challenge.test_ids if name in present)
    for (name, line), right in zip(seen, wanted, strict=True):
        if name != right:
            yield Fault(line, f"Id {name} out of order, expected {right}")
            return
