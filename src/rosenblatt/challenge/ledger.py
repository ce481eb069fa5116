"""The ledger: one line in a CSV for each run and each hand-in, never lost, never half written."""

import csv
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, astuple, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

from rosenblatt.data.text import raw_rows
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic

PATIENCE = 30.0  # seconds to wait for another process, which holds the lock for milliseconds


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Run:
    """One line: what was run, on what, by what, how long, how well.

    recipe, data, file: SHA-256 in hexadecimal, "" where there is none; seconds: wall time;
    validation: score between 0 and 1, or None; versions: as "python 3.11.9 numpy 2.4.6";
    time: UTC, ISO 8601, taken at creation; public: the score that Kaggle gave to a hand-in.
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


COLUMNS = [column.name for column in fields(Run)]
OPTIONAL = [column.name for column in fields(Run) if column.default is not MISSING]
SCORES = ("validation", "public")


def append(path: Path | str, run: Run) -> None:
    """Add a run to the ledger at `path`, which is created if need be.

    Under a lock that the system frees when its holder dies, the file is read, and replaced whole:
    no moment of a crash damages it, and of two processes neither loses its line.
    Raises UserError: not writable, no ledger, or locked by others for 30 s.
    """
    path = Path(path)
    with _locked(path):
        earlier = path.read_bytes() if path.exists() else b""
        if not earlier or _header(path) != COLUMNS:  # none, or of an edition with fewer columns
            earlier = _line(COLUMNS) + b"".join(map(_run_line, read(path) if earlier else []))
        if not earlier.endswith(b"\n"):
            earlier += b"\n"
        write_atomic(path, earlier + _run_line(run))


def read(path: Path | str) -> list[Run]:
    """Return the runs in a ledger, the oldest first; none where there is no file.

    Raises UserError naming file, row and column of a damaged line.
    """
    path = Path(path)
    if not os.path.lexists(path):
        return []
    header = _header(path)
    return [_run(path, header, line, cells) for line, cells in raw_rows(path)[1:]]


def _run(path: Path, header: list[str], line: int, cells: list[str]) -> Run:
    if len(cells) != len(header):
        raise UserError(
            f"{path}: row {line}: has {len(cells)} columns, expected {len(header)}; mend this row."
        )
    values: dict[str, object] = dict(zip(header, cells, strict=True))
    for column, name in enumerate(header, 1):
        if name not in ("seconds", *SCORES):
            continue
        text = str(values[name])
        try:
            values[name] = None if name in SCORES and not text else float(text)
        except ValueError:
            raise UserError(
                f"{path}: row {line}, column {column}: {text[:40]!r} where a number belongs; "
                "mend this row."
            ) from None
    return Run(**values)  # type: ignore[arg-type]


def _header(path: Path) -> list[str]:
    """Return a ledger's columns; one of an earlier edition may lack the optional ones."""
    header = raw_rows(path, limit=1)[0][1]
    if header != [name for name in COLUMNS if name in header or name not in OPTIONAL]:
        raise UserError(
            f"{path}: row 1: is not the header of a ledger ({','.join(COLUMNS)}); "
            "move the file away and a new one is begun."
        )
    return header


def _run_line(run: Run) -> bytes:
    return _line([_cell(value) for value in astuple(run)])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(round(value, 6))
    text = " ".join(str(value).split())
    return f"'{text}" if text[:1] in tuple("=+-@") else text  # else it runs as a formula


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written ({error.strerror}); allow it or choose another place."
        ) from error
    try:
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise UserError(f"{path}: another process holds {lock}; stop it and try again.")
            time.sleep(0.01)
        yield
    finally:
        os.close(handle)  # which also unlocks


def _try_lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
