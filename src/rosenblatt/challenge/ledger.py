"""The ledger: one line in a CSV for each run and each hand-in, never lost, never half written."""

import csv
import io
import os
import re
from collections.abc import Callable
from dataclasses import MISSING, astuple, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

from rosenblatt.challenge.lock import locked
from rosenblatt.challenge.spreadsheet import FORM, delimited_rows, number, utc_times
from rosenblatt.data.rows import Row
from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.escape import cell, from_cell
from rosenblatt.files import write_atomic


def _now() -> str:
    return datetime.now(UTC).strftime(FORM)


@dataclass(frozen=True)
class Run:
    """One line: what was run, on what, by what, how long, how well.

    command: all its words, quoted as for a POSIX shell; recipe, data, file: SHA-256 in
    hexadecimal, "" where there is none; seconds: wall time;
    validation: score between 0 and 1, or None; versions: as "python 3.11.9 numpy 2.4.6";
    time: UTC, ISO 8601, taken at creation; public: the score that Kaggle gave to a hand-in;
    folder: the challenge's, as it was typed.
    """

    command: str
    recipe: str = ""
    data: str = ""
    versions: str = ""
    cpu: str = ""
    seconds: float = 0.0
    validation: float | None = None
    file: str = ""
    time: str = field(default_factory=_now)
    public: float | None = None
    folder: str = ""


COLUMNS = [column.name for column in fields(Run)]
OPTIONAL = [column.name for column in fields(Run) if column.default is not MISSING]
SCORES = ("validation", "public")
DIGESTS = ("recipe", "data", "file")


def append(path: Path | str, run: Run) -> None:
    """Add a run to the ledger at `path`, which is created if need be.

    Under a lock that the system frees when its holder dies, the file is read, and replaced whole:
    no moment of a crash damages it, and of two processes neither loses its line.
    Raises UserError: not writable, no ledger, or locked by others for 30 s.
    """
    path = Path(path)
    with locked(path):
        _add(path, run)


def decide(path: Path | str, line: Callable[[list[Run]], Run]) -> Run:
    """Add the run that `line` makes of the earlier ones, and return it.

    No other process adds one meanwhile, so that what `line` counted still holds. Raises UserError
    as append and read, and what `line` raises; then nothing was added.
    """
    path = Path(path)
    with locked(path):
        run = line(read(path))
        _add(path, run)
    return run


def _add(path: Path, run: Run) -> None:
    if path.exists() and not path.is_file():
        check_file(path)
    earlier = path.read_bytes() if path.exists() else b""
    header = _line(COLUMNS)
    if not earlier.startswith(header):  # none, of an earlier edition, or from a spreadsheet
        earlier = header + b"".join(map(_run_line, read(path) if earlier else []))
    if not earlier.endswith(b"\n"):
        earlier += b"\n"
    write_atomic(path, earlier + _run_line(run))


def read(path: Path | str) -> list[Run]:
    """Return the runs in a ledger, the oldest first; none where there is no file.

    What a spreadsheet has rewritten is understood where it has one reading.
    Raises UserError naming file, row and column of a damaged line, or of one with two readings.
    """
    path = Path(path)
    if not os.path.lexists(path):
        return []
    rows, decimal_comma = delimited_rows(path)
    header = _header(path, rows[0][1])
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            raise UserError(
                f"{path}: row {line}: has {len(cells)} columns, expected {len(header)}; "
                "fix this row."
            )
    place = header.index("time")
    times = utc_times([cells[place] for _, cells in rows[1:]], decimal_comma, datetime.now(UTC))
    return [
        _run(path, header, row, time, decimal_comma)
        for row, time in zip(rows[1:], times, strict=True)
    ]


def _run(path: Path, header: list[str], row: Row, time: str, decimal_comma: bool) -> Run:
    line, cells = row
    values: dict[str, object] = {}
    for column, (name, text) in enumerate(zip(header, cells, strict=True), 1):
        belongs = ""
        if name == "time":
            values[name] = time
            belongs = "" if time else "a time that can be read in one way, as 2026-11-28T09:00:00Z,"
        elif name in SCORES and not text.strip():
            values[name] = None
        elif name == "seconds" or name in SCORES:
            values[name] = number(text, decimal_comma)
            belongs = "a number" if values[name] is None else ""
        elif name in DIGESTS:
            values[name] = text.strip()
            belongs = "" if re.fullmatch("[0-9a-f]*", text.strip()) else "a hexadecimal digest"
        else:
            values[name] = from_cell(text)
        if belongs:
            raise UserError(
                f"{path}: row {line}, column {column}: {text[:40]!r} where {belongs} belongs; "
                "fix this row."
            )
    return Run(**values)  # type: ignore[arg-type]


def _header(path: Path, cells: list[str]) -> list[str]:
    """Return a ledger's columns; one of an earlier edition may lack the optional ones."""
    header = [name.strip() for name in cells]
    if header != [name for name in COLUMNS if name in header or name not in OPTIONAL]:
        raise UserError(
            f"{path}: row 1: is not the header of a ledger ({','.join(COLUMNS)}); "
            "move the file away and a new one is started."
        )
    return header


def _run_line(run: Run) -> bytes:
    return _line([_cell(value) for value in astuple(run)])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return repr(round(value, 6)) if isinstance(value, float) else cell(str(value))


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
