"""How the columns of a CSV lie: what parts the cells, and whether the first row names them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rosenblatt.data.rows import Row, find_delimiter, raw_rows
from rosenblatt.data.source import Source, as_source
from rosenblatt.data.text import DECIMAL, MISSING, number, short
from rosenblatt.errors import UserError

SAMPLE = 200  # rows that tell what a column holds
WIDEST = 200_000  # columns
COMMENTS = ("|", "#", "%")  # begin a line above the rows that is none of them
MANY = 8  # so many names may merely count without another file that does
ID_NAMES = ("id", "ids", "imageid", "image_id", "index", "row_id")
LABEL_NAMES = ("prediction", "label", "labels", "class", "target", "category", "bound", "y")


@dataclass(frozen=True)
class Layout:
    """The columns of a CSV.

    header: names, trimmed, or None where the file has none; width: columns that hold something;
    trailing: rows end in a delimiter; first_row: line (from 1) of the first row of values; spaced:
    a space follows each delimiter; comment: a line before all rows that is none.
    """

    header: tuple[str, ...] | None
    width: int
    trailing: bool
    first_row: int
    delimiter: str = ","
    spaced: bool = False
    comment: str = ""

    def name(self, column: int) -> str:
        """Return the name of a column (from 0); without a header, its number from 1."""
        return self.header[column] if self.header else str(column + 1)


@dataclass(frozen=True)
class Start:
    """The first rows of a file, cells trimmed."""

    source: Source
    delimiter: str
    rows: list[Row]
    spaced: bool = False
    comment: str = ""

    @property
    def first(self) -> list[str]:
        return self.rows[0][1]

    def column(self, place: int, rows: list[Row] | None = None) -> list[str]:
        """Return the cells of a column below the first."""
        return [cells[place].strip() for _, cells in (rows or self.rows)[1:] if place < len(cells)]


def read_layout(path: Path | str | Source, header: bool | None = None) -> Layout:
    """Return how the columns of a CSV lie. Raises UserError as read_layouts."""
    return read_layouts([path], header)[0]


def read_layouts(
    paths: Sequence[Path | str | Source], header: bool | None = None, spaces: bool = False
) -> list[Layout]:
    """Return how the columns of files lie that have the same columns, but for an Id or a label.

    Their first rows are looked at together, unless `header` says whether they are names. Cells may
    be separated by spaces if `spaces`.
    Raises UserError as raw_rows, and where a header stands alone, names too many or too few, or a
    name occurs twice, and where a first row could be either.
    """
    starts = [read_start(as_source(path), spaces) for path in paths]
    layouts = []
    for place, start in enumerate(starts):
        others = starts[:place] + starts[place + 1 :]
        named = has_header(start, others) if header is None else header
        layouts.append(_layout(start, named))
    return layouts


def read_start(source: Source, spaces: bool) -> Start:
    """Return the first rows of a file; spaces: as read_layouts. Raises UserError as that."""
    delimiter = find_delimiter(source, spaces)
    rows = raw_rows(source, SAMPLE, delimiter)
    if len(rows[0][1]) > WIDEST:
        raise UserError(
            f"{source}: row {rows[0][0]}: has {len(rows[0][1]):,} columns, more than {WIDEST:,}; "
            "leave columns out of the file, or give sums or counts of them instead."
        )
    later = [cell for _, cells in rows[1:] for cell in cells[1:]]
    spaced = any(later) and all(cell[:1] in ("", " ") for cell in later)
    rows = raw_rows(source, SAMPLE, delimiter, spaced) if spaced else rows
    comment = _comment(rows)
    rows = rows[1:] if comment else rows
    _check_separated(source, [cells[0].strip() for _, cells in rows if len(cells) == 1], rows)
    return Start(source, delimiter, [(line, [cell.strip() for cell in cells])
                                      for line, cells in rows], spaced, comment)  # fmt: skip


def _comment(rows: list[Row]) -> str:
    """Return a first line of one cell above rows of several, that a mark tells to be none."""
    first = rows[0][1]
    alone = len(first) == 1 and all(len(cells) > 1 for _, cells in rows[1:])
    return first[0] if alone and len(rows) > 1 and first[0][:1] in COMMENTS else ""


def _check_separated(source: Source, alone: list[str], rows: list[Row]) -> None:
    """Raise UserError where rows of one cell hold several."""
    parts = {cell.count(" ") for cell in alone}
    if len(alone) == len(rows) > 1 and len(parts) == 1 and parts != {0}:
        raise UserError(
            f"{source}: row {rows[0][0]}, column 1: {short(alone[0])} holds several values; "
            "save the file with commas between columns."
        )


def _layout(start: Start, named: bool) -> Layout:
    if named and len(start.rows) == 1:
        raise UserError(f"{start.source}: has a header and no rows; download it again.")
    line, cells = start.rows[int(named)]
    if not named:
        trailing = len(cells) > 1 and cells[-1] == ""
        width, how = len(cells) - trailing, (start.delimiter, start.spaced, start.comment)
        return Layout(None, width, trailing, line, *how)
    names = start.first
    if len(names) > 1 and names[-1] == "":
        names = names[:-1]
    trailing = len(cells) == len(names) + 1 and cells[-1] == ""
    wider = [len(cells) == len(names) + 1 for _, cells in start.rows[1:]]
    if len(wider) > 1 and all(wider) and not trailing:
        raise UserError(
            f"{start.source}: row {start.rows[0][0]}: names {len(names)} columns, and all rows "
            "have one more; write its name, such as Id where it comes first, as R leaves it out, "
            "or put quotes around cells that hold a comma."
        )
    if len(cells) - trailing != len(names):
        raise UserError(
            f"{start.source}: row {line}: has {len(cells)} columns where the header names "
            f"{len(names)}; fix this row, or download the file again."
        )
    if len({*names}) < len(names):
        twice = Counter(names).most_common(1)[0][0]
        places = [str(place) for place, name in enumerate(names, 1) if name == twice]
        raise UserError(
            f"{start.source}: row {start.rows[0][0]}: {short(twice)} names the columns "
            f"{' and '.join(places)}; give each its own name, or delete an empty one."
        )
    how = start.delimiter, start.spaced, start.comment
    return Layout(tuple(names), len(names), trailing, line, *how)


def has_header(start: Start, others: Sequence[Start], labels: bool = False) -> bool:
    """Say whether a first row names columns; others: files that have the same ones.

    It does where no cell is a number and one stands above numbers, and where it merely counts and
    the others do; not where it is there a second time. labels: the file is one of Ids and labels,
    where counting is no sign.
    Raises UserError where it could be either.
    """
    _check_first(start)
    if _several(start.first) or any(cells == start.first for _, cells in start.rows[1:]):
        return False
    numbers = [cell for cell in start.first if _number(cell)]
    texts = [place for place, cell in enumerate(start.first)
             if cell not in MISSING and not _number(cell)]  # fmt: skip
    above = [place for place in texts if _all_numbers(start.column(place))]
    agree = any(_agree(start, other) for other in others)
    counting = not labels and _counts(numbers)
    if not texts:
        if not counting or len(numbers) < 2 or len(start.rows) == 1:
            return _named_by_another(start, others)
        if agree or (len(numbers) >= MANY and not others):
            return True
        raise _either(start, "its numbers merely count")
    if not numbers and (above or len(start.rows) == 1):
        return True
    if above:
        if agree or (counting and len(numbers) > 1 and not others):
            return True
        what = f"{short(start.first[above[0]])} stands above numbers, in column {above[0] + 1}"
        raise _either(start, what)
    return _text_above_text(start, texts, others, bool(numbers))


def _check_first(start: Start) -> None:
    """Raise UserError for a title or a comment above the rows, and a header that comes again."""
    line, first = start.rows[0]
    below = [sum(cell != "" for cell in cells) for _, cells in start.rows[1:3]]
    alone = first[0] != "" and not any(first[1:]) and first[0].casefold() not in ID_NAMES
    if alone and min(below, default=0) > 1:
        raise UserError(
            f"{start.source}: row {line}: holds {short(first[0])} alone, and the rows below "
            "several cells; delete the row."
        )
    again = next((row for row, cells in start.rows[1:] if cells == first), None)
    rest = [(row, cells) for row, cells in start.rows if cells != first]
    if again is None or any(map(_number, first)) or not rest:
        return
    columns = (start.column(place, [(line, first), *rest]) for place in range(len(first)))
    if any(map(_all_numbers, columns)):
        raise UserError(f"{start.source}: row {again}: is the header once more; delete the row.")


def _named_by_another(start: Start, others: Sequence[Start]) -> bool:
    """Say whether numbers that do not count are names, as another file shows that has them too."""
    for other in others:
        if _agree(start, other):
            if any(not _number(cell) for cell in other.first):
                return True
            if len(start.first) > 2:
                raise _either(start, f"its numbers are also the first row of {other.source.name}")
    return False


def _text_above_text(
    start: Start, texts: list[int], others: Sequence[Start], numbers: bool
) -> bool:
    """Say whether a first row, whose texts stand above other texts, names the columns."""
    known = [cell for cell in start.first if cell.casefold() in ID_NAMES + LABEL_NAMES]
    if any(_same_names(start, other) for other in others):
        return True
    for place in texts:
        below = start.column(place)
        if start.first[place] in below:
            return False
        if numbers and len(below) > 1 and len({*below}) == len(below) and not known:
            return False  # text Ids, all different
    if any(_agree(start, other) for other in others) or (known and not numbers):
        return True
    whole = raw_rows(start.source, None, start.delimiter, start.spaced)
    if any(start.first[place] in start.column(place, whole) for place in texts):
        return False
    what = f"{short(start.first[texts[0]])} occurs nowhere else in its column"
    raise _either(start, what)


def _same_names(one: Start, other: Start) -> bool:
    """Say whether two first rows hold the same texts, of which no row below has any."""
    texts, others = ({cell for cell in start.first if not _number(cell)} for start in (one, other))
    below = {cell for start in (one, other) for _, cells in start.rows[1:] for cell in cells}
    return len(texts & others) > 1 and not (texts - others and others - texts) and not texts & below


def _several(first: list[str]) -> bool:
    """Say whether an only cell holds several numbers, between marks that a later check names."""
    parts = first[0].replace(";", " ").split()
    return len(first) == 1 and len(parts) > 1 and all(_number(part) for part in parts)


def _either(start: Start, what: str) -> UserError:
    return UserError(
        f"{start.source}: row {start.rows[0][0]}: is it names, or values? {what}. Write header = "
        "true or header = false in challenge.toml, or fix the row."
    )


def _all_numbers(cells: list[str]) -> bool:
    held = [cell for cell in cells if cell not in MISSING]
    return bool(held) and all(_number(cell) for cell in held)


def _number(cell: str) -> bool:
    return number(cell) is not None or DECIMAL.fullmatch(cell) is not None


def _counts(numbers: list[str]) -> bool:
    """Say whether names merely count from 0 or 1, as pandas writes them; many in any order."""
    if not all(cell.isascii() and cell.isdigit() for cell in numbers):
        return False
    found = sorted(numbers, key=int) if len(numbers) >= MANY else numbers
    return found in (_counted(0, len(numbers)), _counted(1, len(numbers)))


def _counted(first: int, count: int) -> list[str]:
    return [str(first + place) for place in range(count)]


def _agree(one: Start, other: Start) -> bool:
    """Say whether two first rows hold the same different numbers, as names do; the second, not."""
    first, second = ([{cell for cell in start.rows[row][1] if _number(cell)}
                      if row < len(start.rows) else set() for start in (one, other)]
                     for row in (0, 1))  # fmt: skip
    numbers = [cell for cell in one.first if _number(cell)]
    return bool(numbers) and first[0] == first[1] and len(first[0]) == len(numbers) and (
        second[0] != second[1]
    )  # fmt: skip
