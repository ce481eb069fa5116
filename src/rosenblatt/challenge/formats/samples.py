"""A sample submission in a challenge folder tells the Ids, their order and the header."""

import re

import numpy as np

from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.class_columns import read_class_columns
from rosenblatt.challenge.formats.ids import Keys, match_ids
from rosenblatt.challenge.label_file import LabelTable, read_label_table
from rosenblatt.challenge.settings import Settings
from rosenblatt.data.rows import find_delimiter, raw_rows, without_trailing
from rosenblatt.data.source import Source
from rosenblatt.errors import UserError

FIRST = 20  # rows that tell how many columns there are
SAMPLE = re.compile(
    r"sample\.csv|(.*[-_ ])?((sample|example|random|gender)[-_ ]?sub(mission|mit)?(?![a-z])"
    r"|submission[-_ ]?(sample|example|format|template)).*\.csv",
    re.IGNORECASE,
)


def _names(folder: Folder) -> list[str]:
    """Return the names of sample submissions; of one called sample.csv where no other is there."""
    names = [name for name in sorted(folder.sources) if SAMPLE.fullmatch(name)]
    return [name for name in names if name.lower() != "sample.csv"] or names


def find_sample(folder: Folder) -> Source | None:
    """Return the sample submission in a folder, or None."""
    names = _names(folder)
    return folder.find(names[0]) if names else None


def read_sample(folder: Folder, settings: Settings, wide: bool = False) -> LabelTable | None:
    """Return the sample submission in a folder, whose labels may be anything; None without one.

    wide: it may have a column for each class, whose names are then `columns`.
    Raises UserError as read_label_table, where it has no Ids, and where there are several that
    differ in Ids, their order or the header.
    """
    names = _names(folder)
    tables: list[LabelTable] = []
    for name in names:
        # A sample has a header where nothing else tells, also where the test file has none.
        source = folder.need(name)
        first = without_trailing(raw_rows(source, FIRST, find_delimiter(source)))
        width = len(first[0][1])
        read = read_class_columns if wide and width > 2 else read_label_table
        table = read(source, True, True, settings.target)
        if table.ids is None:
            raise UserError(f"{table.source}: has one column; keep two, the Id and the label.")
        forms = [
            (one.ids, one.id_column, one.label_column, one.columns) for one in (*tables, table)
        ]
        if forms[0] != forms[-1]:
            raise UserError(
                f"{tables[0].source} and {table.source} are both sample submissions, and differ; "
                "remove the wrong one."
            )
        tables.append(table)
    return tables[0] if tables else None


def sample_order(sample: LabelTable, test: Keys) -> tuple[np.ndarray, str]:
    """Return for each row of a sample submission the place of its test row, and how it was told.

    Raises UserError where the sample has other Ids than the test rows, or another number.
    """
    assert sample.ids is not None
    told = f"test Ids, their order and the header are those of {sample.source.name}"
    if len(sample.ids) != test.total:
        raise UserError(
            f"{sample.source}: has {len(sample.ids)} rows (the last in row {sample.lines[-1]}) "
            f"where {test.source.name} has {test.total}; give the two that belong together."
        )
    if test.ids is None:
        return np.arange(test.total), f"{told}; {test.source.name} has none: row by row"
    keys = Keys(sample.source, test.total, sample.ids, sample.lines)
    match_ids(keys, test)  # whose message names the sample first
    return match_ids(test, keys), f"{told}; matched to the test rows by Id"
