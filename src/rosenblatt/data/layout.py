"""How the columns of a CSV lie, told from its first two rows."""

from dataclasses import dataclass
from pathlib import Path

from rosenblatt.data.text import number, raw_rows
from rosenblatt.errors import UserError


@dataclass(frozen=True)
class Layout:
    """The columns of a CSV.

    header: names as written, or None where the file has none; width: columns that hold something;
    trailing_comma: rows end in a comma; first_row: line (from 1) of the first row of values.
    """

    header: tuple[str, ...] | None
    width: int
    trailing_comma: bool
    first_row: int


def read_layout(path: Path | str) -> Layout:
    """Return how the columns of a CSV lie.

    Raises UserError as raw_rows, and where a header stands alone or names too many or too few.
    """
    rows = raw_rows(path, limit=2)
    has_header = looks_like_header(rows[0][1])
    if has_header and len(rows) == 1:
        raise UserError(f"{path}: has a header and no rows; download it again.")
    line, cells = rows[1] if has_header else rows[0]
    if not has_header:
        trailing = len(cells) > 1 and cells[-1] == ""
        return Layout(None, len(cells) - trailing, trailing, line)
    names = rows[0][1]
    if len(names) > 1 and names[-1] == "":
        names = names[:-1]
    trailing = len(cells) == len(names) + 1 and cells[-1] == ""
    if len(cells) - trailing != len(names):
        raise UserError(
            f"{path}: row {line}: has {len(cells)} columns where the header names {len(names)}; "
            "download the file again."
        )
    return Layout(tuple(names), len(names), trailing, line)


def looks_like_header(cells: list[str]) -> bool:
    """Say whether a first row names columns: no numbers, or numbers that merely count 0, 1, 2 ...

    pandas writes such counting names where a table had none. Fewer than eight could be data.
    """
    if len(cells) == 1:  # perhaps values between other marks, which a later check will name
        cells = cells[0].replace(";", " ").split()
    numbers = [cell for cell in cells if number(cell) is not None]
    if not numbers:
        return any(cells)
    return len(numbers) >= 8 and numbers == [str(index) for index in range(len(numbers))]
