"""A sample submission in a challenge folder tells the Ids, their order and the header."""

import re
from pathlib import Path

from rosenblatt.challenge.labels import read_label_table
from rosenblatt.errors import UserError

SAMPLE = re.compile(r"(sample|example|random)[-_ ]?submission.*\.csv", re.IGNORECASE)


def find_sample(folder: Path) -> Path | None:
    """Return the sample submission in a folder, or None."""
    return next((path for path in sorted(folder.iterdir()) if SAMPLE.fullmatch(path.name)), None)


def read_sample(
    path: Path, test_path: Path, rows: int, test_ids: tuple[str, ...] | None
) -> tuple[tuple[str, ...], tuple[str, str]]:
    """Return the Ids of a sample submission, and its two column names.

    Raises UserError as read_label_table, and where its Ids are not one for each test row.
    """
    table = read_label_table(path)
    if len(table.ids) != rows:
        raise UserError(
            f"{path}: has {len(table.ids)} rows where {test_path.name} has {rows}; "
            "download both again."
        )
    if test_ids is not None:
        stray = next(
            (index for index, name in enumerate(test_ids) if name != table.ids[index]), None
        )
        if stray is not None:
            raise UserError(
                f"{path}: row {table.lines[stray]}: Id {table.ids[stray]} where {test_path.name} "
                f"has {test_ids[stray]}; download both again."
            )
    return table.ids, (table.id_column, table.label_column)
