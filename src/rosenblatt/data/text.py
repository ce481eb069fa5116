"""Small text tables, and what makes a cell a number or a row a header."""

import codecs
import csv
import stat
from pathlib import Path

from rosenblatt.errors import UserError

Row = tuple[int, list[str]]  # the line of the file (from 1), the cells


def check_file(path: Path) -> None:
    """Raise UserError unless `path` is a file that can be opened, is not empty."""
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            what = "a folder" if stat.S_ISDIR(kind) else "a device or a pipe"
            raise UserError(f"{path}: is {what} where a file belongs; give the file itself.")
        with open(path, "rb") as file:
            start = file.read(1)
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{path}: no such file; download it again or correct the name.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"{path}: cannot be read ({reason}); allow reading it or copy it elsewhere."
        ) from error
    if not start:
        raise UserError(f"{path}: is empty; download it again.")


def read_rows(path: Path | str) -> list[Row]:
    """Return the rows of a small CSV as text, with the line of each; blank lines are left out.

    A byte-order mark, quotes and any line ending are accepted; a comma at the end of every row is
    dropped. Raises UserError as raw_rows.
    """
    rows = raw_rows(path)
    if all(len(cells) > 1 and cells[-1] == "" for _, cells in rows):
        rows = [(line, cells[:-1]) for line, cells in rows]
    return rows


def raw_rows(path: Path | str, limit: int | None = None) -> list[Row]:
    """Return the first `limit` rows of a CSV as text, every cell kept, blank lines left out.

    Raises UserError: file missing, empty, unreadable, not UTF-8, or with an open quote.
    """
    path = Path(path)
    check_file(path)
    rows: list[Row] = []
    last = 0
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                last = reader.line_num
                if not is_blank(cells):
                    rows.append((last, cells))
                if len(rows) == limit:
                    break
    except UnicodeDecodeError:
        raise not_utf8(path) from None
    except csv.Error as error:
        raise bad_quotes(path, last + 1, error) from error
    if not rows:
        raise UserError(f"{path}: holds blank lines only; download it again.")
    return rows


def is_blank(cells: list[str]) -> bool:
    """Say whether the csv module found nothing but space in a line."""
    return len(cells) == 0 or (len(cells) == 1 and not cells[0].strip())


def bad_quotes(path: Path, line: int, error: csv.Error) -> UserError:
    """Return the error for the row, from `line` on, that the csv module cannot take apart."""
    return UserError(f"{path}: row {line}: {error}; look for a stray quote.")


def not_utf8(path: Path) -> UserError:
    """Return the error that names the first row of `path` that is not UTF-8."""
    with open(path, "rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return UserError(f"{path}: row 1 is UTF-16; save it as a CSV in UTF-8.")
        file.seek(0)
        for line, content in enumerate(file, 1):
            try:
                content.decode("utf-8")
            except UnicodeDecodeError as error:
                byte = content[error.start]
                return UserError(
                    f"{path}: row {line}: byte 0x{byte:02x} at place {error.start + 1} is not "
                    "UTF-8; save the file as a CSV in UTF-8."
                )
    return UserError(f"{path}: is not UTF-8; save it as a CSV in UTF-8.")


def number(cell: str) -> float | None:
    """Return the number written in a cell, or None. `inf` and `nan` count as numbers."""
    if "_" in cell or not cell.isascii():
        return None  # float() takes 1_000 and other scripts' digits; a CSV means text by them
    try:
        return float(cell)
    except ValueError:
        return None
