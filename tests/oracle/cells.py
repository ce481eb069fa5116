"""The oracle's own eyes: files, cells, headers and numbers by the standard library alone."""

import csv
import gzip
import io
import re
import zipfile
import zlib
from decimal import Decimal
from pathlib import Path

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "?")
IDS = ("id", "ids", "imageid", "image_id", "index", "row_id")
LARGEST = Decimal(2) ** 128 - Decimal(2) ** 104  # of float32


class AmbiguousError(Exception):
    """The files can be read in more than one way, or in none: a reader must refuse them."""


def number(cell: str) -> Decimal | None:
    """Return the number written in a cell with ASCII digits, or None."""
    return Decimal(cell) if NUMBER.fullmatch(cell) else None


def value(cell: str) -> Decimal:
    """Return a feature's value: a finite number within float32."""
    found = number(cell)
    if found is None or abs(found) > LARGEST:
        raise AmbiguousError(f"{cell!r} is no number")
    return found


DAMAGED = b"\xff"  # stands for the content of a packed file that cannot be unpacked; not UTF-8
BROKEN = (OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error,
          zipfile.BadZipFile)  # fmt: skip


class Folder:
    """The files of a challenge folder by their bare name in small letters, unpacked."""

    def __init__(self, folder: Path) -> None:
        self.found: dict[str, set[bytes]] = {}
        for path in folder.iterdir():
            name = path.name.lower()
            try:
                for member, content in _unpacked(name, path.read_bytes()):
                    self.found.setdefault(member, set()).add(content)
            except BROKEN:
                self.found.setdefault(re.sub(r"\.(gz|zip)$", "", name), set()).add(DAMAGED)

    def names(self, form: str) -> list[str]:
        """Return the names that a regular expression describes."""
        return sorted(name for name in self.found if re.fullmatch(form, name))

    def text(self, name: str) -> str:
        """Return the text of a file that must be there, once."""
        contents = self.found.get(name.lower(), set())
        if len(contents) != 1:
            raise AmbiguousError(f"{name}: {len(contents)} different files")
        try:
            return next(iter(contents)).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise AmbiguousError(f"{name}: not UTF-8") from None

    def rows(self, name: str) -> list[list[str]]:
        """Return the rows of a CSV, all equally wide, cells trimmed, numbers with points."""
        text = self.text(name)
        mark = _mark(text)
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
            rows = [[cell.strip() for cell in cells] for cells in reader]
        except csv.Error as error:
            raise AmbiguousError(f"{name}: {error}") from None
        rows = [cells for cells in rows if len(cells) > 1 or cells not in ([], [""])]
        if not rows:
            raise AmbiguousError(f"{name}: empty")
        rows = _without_last(rows)
        if len({len(cells) for cells in rows}) != 1:
            raise AmbiguousError(f"{name}: ragged")
        return _points(rows) if mark == ";" else rows


def _unpacked(name: str, content: bytes) -> list[tuple[str, bytes]]:
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [(Path(entry).name.lower(), archive.read(entry)) for entry in archive.namelist()]
    if name.endswith(".gz"):
        return [(name.removesuffix(".gz"), gzip.decompress(content))]
    return [(name, content)]


def _mark(text: str) -> str:
    """Return what stands between cells: semicolons where all rows but two damaged ones have some,
    outside quotes; one class may be spelled with a semicolon."""
    lines = [line for line in re.sub(r'"[^"]*"', "", text).splitlines() if line.strip()]
    few = sum(";" not in line for line in lines) <= 2
    return ";" if few and lines and ";" in lines[0] else ","


def _without_last(rows: list[list[str]]) -> list[list[str]]:
    """Drop the empty cell that a mark at the end of each row makes; the header may go without."""
    if len(rows[0]) > 1 and all(cells[-1] == "" for cells in rows):
        return [cells[:-1] for cells in rows]
    longer = {len(cells) - len(rows[0]) for cells in rows[1:]}
    if longer == {1} and all(cells[-1] == "" for cells in rows[1:]):
        return [rows[0], *(cells[:-1] for cells in rows[1:])]
    return rows


def _points(rows: list[list[str]]) -> list[list[str]]:
    """Replace decimal commas, unless numbers with points are there too."""
    commas = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")
    cells = [cell for row in rows for cell in row]
    if not any(commas.fullmatch(cell) for cell in cells):
        return rows
    if any("." in cell and number(cell) is not None for cell in cells):
        raise AmbiguousError("decimal commas and points")
    return [
        [cell.replace(",", ".") if commas.fullmatch(cell) else cell for cell in row] for row in rows
    ]


class Table:
    """Rows with or without the header that was found above them."""

    def __init__(self, names: list[str] | None, rows: list[list[str]]) -> None:
        if not rows:
            raise AmbiguousError("no rows")
        if names is not None and len({*names}) != len(names):
            raise AmbiguousError("a name occurs twice")
        self.names, self.rows = names, rows

    def column(self, place: int) -> list[str]:
        """Return the cells of a column."""
        return [row[place] for row in self.rows]

    def place(self, name: str) -> int | None:
        """Return the place of a column by its name, or without names by its number from 1."""
        names = self.names or [str(place) for place in range(1, len(self.rows[0]) + 1)]
        return names.index(name) if name in names else None

    def ids(self, told: str | None, shown: str | None, counted: bool = False) -> int | None:
        """Return the place of the Id column, or None.

        told: its name by challenge.toml, which must be there; shown: by the sample submission.
        """
        if told is not None:
            return self.place(told)
        if self.names is None:
            return 0 if counted else None
        if shown in self.names:
            return self.names.index(shown)
        known = [place for place, name in enumerate(self.names) if name.casefold() in IDS]
        index = [place for place, name in enumerate(self.names) if is_index(name)]
        if len(known) > 1:
            raise AmbiguousError("two columns may be the Id")
        return (known or index or [None])[0]


def is_index(name: str) -> bool:
    """Say whether a column is named as pandas names its index."""
    return name == "" or name.casefold().startswith("unnamed: ")


def counts(cells: list[str]) -> bool:
    """Say whether a row merely counts, in any order, perhaps behind one or two words."""
    numbers = [cell for cell in cells if number(cell) is not None]
    words = len(cells) - len(numbers)
    if not numbers or words > 2 or any(str(number(cell)) != cell for cell in numbers):
        return False
    found = sorted(map(int, numbers)) if all(cell.isdigit() for cell in numbers) else []
    return found in ([*range(len(numbers))], [*range(1, len(numbers) + 1)])


def _same_names(rows: list[list[str]], others: list[list[str]]) -> bool:
    """Say whether the first rows of two files hold the same different numbers, the second not."""
    first, second = (
        [[cell for cell in table[place] if number(cell) is not None] for table in (rows, others)]
        if len(others) > 1
        else [[], []]
        for place in (0, 1)
    )
    same = len(first[0]) > 1 and sorted(first[0]) == sorted(first[1])
    return same and len({*first[0]}) == len(first[0]) and sorted(second[0]) != sorted(second[1])


def split(
    rows: list[list[str]], told: bool | None, sibling: list[list[str]] | None = None
) -> Table:
    """Return rows and their header, if there is one.

    told: what challenge.toml says; sibling: the rows of the other file, None for labels.
    """
    first, rest = rows[0], rows[1:]
    if told is not None:
        return Table(first, rest) if told else Table(None, rows)
    columns = list(zip(*rest, strict=True)) or [()] * len(first)
    named = [
        number(cell) is None and cell not in MISSING and column and None not in map(number, column)
        for cell, column in zip(first, columns, strict=True)
    ]
    if any(named):
        return Table(first, rest)
    if sibling is not None and rest and _same_names(rows, sibling):
        return Table(first, rest)
    if sibling is not None and rest and counts(first):
        if counts(sibling[0]) or len(first) >= 8:
            return Table(first, rest)
        raise AmbiguousError("the first row counts: a header, or not?")
    texts = [place for place, cell in enumerate(first) if number(cell) is None]
    if sibling is None and len(texts) < len(first):
        return Table(None, rows)
    if any(first[place] in columns[place] for place in texts):
        return Table(None, rows)
    unlike = [place for place in texts if len({*columns[place]}) == len(rest)]  # Ids of text
    if unlike and len(texts) < len(first) and not any(cell.casefold() in IDS for cell in first):
        return Table(None, rows)
    if len(texts) == len(first) and any(cell.casefold() in IDS for cell in first):
        return Table(first, rest)
    if texts and any(cell != "" for cell in first):
        raise AmbiguousError("the first row is a header, or not?")
    return Table(None, rows)
