"""Decimal commas: where semicolons part the cells, numbers may be written with them."""

import json
from collections.abc import Collection
from dataclasses import replace

from rosenblatt.data.cells import Cells, CellTable
from rosenblatt.data.text import DECIMAL, GROUPED, number, short
from rosenblatt.errors import UserError


def with_points(table: CellTable, texts: Collection[int | None] = ()) -> CellTable:
    """Return a table whose numbers have points, where its file has semicolons between cells.

    A column's commas are those of decimals where no cell of it holds another one. texts: columns
    of no numbers, which stay as they are.
    Raises UserError naming row and column: the numbers of a file have commas and points, or commas
    that may all part thousands.
    """
    if table.layout.delimiter != ";":
        return table
    asked = {column: cells for column, cells in table.columns.items() if column not in texts}
    commas = {column: found for column, cells in asked.items() if (found := _decimals(cells))}
    if not commas:
        return table
    column, places = next(iter(commas.items()))
    comma = asked[column].spellings[places[0]].strip()
    where = table.row_of(column, places[0])
    for other, cells in asked.items():
        for place, cell in enumerate(cells.spellings):
            if "." in cell and number(cell) is not None:
                key = json.dumps(table.layout.name(other), ensure_ascii=False)
                raise UserError(
                    f"{table.row_of(other, place)}: {short(cell.strip())} has a point, and "
                    f"{short(comma)} in column {table.layout.name(column)} a comma; write all "
                    "numbers of the file with a decimal point, or all with a comma; or, where "
                    f'these are no numbers, [columns] and {key} = "category" in challenge.toml.'
                )
    marked = (asked[column].spellings[place].strip() for column in commas
              for place in commas[column])  # fmt: skip
    if all(map(GROUPED.fullmatch, marked)):
        raise UserError(
            f"{where}: is {short(comma)} thousands, or a decimal comma? No other comma of the "
            "file tells; write its numbers without commas, with a decimal point."
        )
    pointed = {
        column: Cells(tuple(cell.replace(",", ".") for cell in asked[column].spellings),
                      asked[column].places)
        for column in commas
    }  # fmt: skip
    return replace(table, columns={**table.columns, **pointed})


def _decimals(cells: Cells) -> list[int]:
    """Return the places of the spellings with a decimal comma; none where one has another comma."""
    held = [place for place, cell in enumerate(cells.spellings) if "," in cell]
    texts = (cells.spellings[place].strip() for place in held)
    return held if all(map(DECIMAL.fullmatch, texts)) else []
