"""Files of text: can one be opened, what is wrong with it, and is a cell a number?"""

import codecs
import csv
import re
import stat
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Protocol

from rosenblatt.errors import UserError

LARGEST = float.fromhex("0x1.fffffep+127")  # of float32
DECIMAL = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")  # a number with a comma
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")  # 1,234: a thousand, or 1.234
MISSING = ("", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan", "NULL",
           "null", "None", "?")  # fmt: skip


class Named(Protocol):
    """A file that says its name and can be opened."""

    def open_bytes(self) -> BinaryIO:
        """Return the content."""


def check_file(path: Path) -> None:
    """Raise UserError unless `path` is a file that can be opened, is not empty."""
    if "\0" in str(path):  # the system would stop reading the name there
        raise UserError(f"{str(path)!r}: no such file; correct the name.")
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            what = "a folder" if stat.S_ISDIR(kind) else "a device or a pipe"
            raise UserError(f"{path}: is {what} where a file belongs; give the file itself.")
        with open(path, "rb") as file:
            start = file.read(1)
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{path}: no such file; correct the name.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"{path}: cannot be read ({reason}); allow reading it or copy it elsewhere."
        ) from error
    if not start:
        raise UserError(f"{path}: is empty; put the whole file there.")


def bad_quotes(path: object, line: int, error: csv.Error) -> UserError:
    """Return the error for the row, from `line` on, that the csv module cannot take apart."""
    return UserError(f"{path}: row {line}: {error}; look for a stray quote.")


def not_utf8(path: Path | Named) -> UserError:
    """Return the error that names the first row of `path` that is not UTF-8."""
    with open(path, "rb") if isinstance(path, Path) else path.open_bytes() as file:
        for line, content in enumerate(file, 1):
            if line == 1 and content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return UserError(f"{path}: row 1 is UTF-16; save it as a CSV in UTF-8.")
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


def exact(cell: str) -> Decimal | None:
    """Return the finite number written in a cell, to its last digit, or None."""
    value = number(cell)
    return Decimal(cell.strip()) if value is not None and value - value == 0 else None


def short(text: str) -> str:
    """Return a text in quotes, cut where it is long, for a message."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
