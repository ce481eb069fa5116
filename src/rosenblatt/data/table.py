"""Two tables of typed columns, as pandas DataFrames, from the text of their cells.

The type of a DataFrame's column says what it is: float64 for numbers, NaN where missing; an
unordered category for levels, an ordered one of numbers for codes, which are both; datetime64 for
dates; object for several choices in a cell, as a tuple; str for free text.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rosenblatt.data.cells import Cells, CellTable
from rosenblatt.data.dates import read_date
from rosenblatt.data.schema import LEFT, Column, Rule, Spellings, UnfitError, column_of
from rosenblatt.errors import UserError

if TYPE_CHECKING:
    import pandas

Values = Callable[[np.ndarray], Any]  # of rows, by the places of their spellings
TYPED_TEXTS = 3  # the first version of pandas that tells a text from any other object


class Pair(NamedTuple):
    """A column of both tables: its name, its different cells, trimmed, and their places."""

    name: str
    spellings: tuple[str, ...]
    train: np.ndarray
    test: np.ndarray

    def written(self) -> tuple[list[str], list[str]]:
        """Return the cells of training and of test rows."""
        train, test = (part.tolist() for part in (self.train, self.test))
        return [self.spellings[place] for place in train], [self.spellings[place] for place in test]


class Typed(NamedTuple):
    """Training and test rows as DataFrames of the columns that are learned from, and all columns
    with what they are; keys: the cells of identifiers by column, of both tables."""

    train: "pandas.DataFrame"
    test: "pandas.DataFrame"
    columns: tuple[Column, ...]
    keys: Mapping[str, tuple[Sequence[str], Sequence[str]]]


def pair_of(name: str, train: Cells, test: Cells) -> Pair:
    """Return a column of both tables over the same different cells."""
    place: dict[str, int] = {}
    maps = [
        np.array([place.setdefault(text.strip(), len(place)) for text in cells.spellings], np.int32)
        for cells in (train, test)
    ]
    return Pair(name, tuple(place), maps[0][train.places], maps[1][test.places])


def read_column(pair: Pair, tables: tuple[CellTable, CellTable], places: tuple[int, int],
                rule: Rule) -> Column:  # fmt: skip
    """Return what a column is. Raises UserError naming file and row where it cannot be read."""
    counts = [np.bincount(part, minlength=len(pair.spellings)) for part in (pair.train, pair.test)]
    spelled = Spellings(
        pair.name,
        dict(zip(pair.spellings, (counts[0] + counts[1]).tolist(), strict=True)),
        frozenset(text for text, count in zip(pair.spellings, counts[0], strict=True) if count),
    )
    try:
        return column_of(spelled, rule)
    except UnfitError as error:
        for table, place in zip(tables, places, strict=True):
            cells = table.columns[place]
            found = [text.strip() for text in cells.spellings]
            if error.spelling in found:
                where = table.row_of(place, found.index(error.spelling))
                raise UserError(f"{where}: {error}") from None
        raise


def typed(pairs: Sequence[Pair], columns: Sequence[Column]) -> Typed:
    """Return both tables, without the columns of which nothing is learned.

    Raises UserError where pandas is too old to have a type for texts.
    """
    import pandas

    if int(pandas.__version__.partition(".")[0]) < TYPED_TEXTS:
        raise UserError(
            f"pandas {pandas.__version__} has no type for texts, and nothing would be learned from "
            f"them; install a newer one: pip install 'pandas>={TYPED_TEXTS}'."
        )
    made: tuple[dict, dict] = {}, {}
    for pair, column in zip(pairs, columns, strict=True):
        if column.kind not in LEFT:
            values = _values(pair, column)
            for side, places in enumerate((pair.train, pair.test)):
                made[side][pair.name] = values(places)
    keys = {pair.name: pair.written() for pair, column in zip(pairs, columns, strict=True)
            if column.kind == "identifier"}  # fmt: skip
    train, test = (pandas.DataFrame(part, copy=False) for part in made)
    return Typed(train, test, tuple(columns), keys)


def _values(pair: Pair, column: Column) -> Values:
    """Return what gives a column's values by the places of its spellings."""
    import pandas

    if column.numeric:
        numbers = np.array([column.number(text) for text in pair.spellings])
        if column.kind == "code":
            known = np.unique([column.number(text) for text in column.levels])
            new = np.setdiff1d(numbers[~np.isnan(numbers)], known)  # of a model's rows to predict
            levels = np.concatenate([known, new])
            place = {level: code for code, level in enumerate(levels.tolist())}
            index = np.array([place.get(value, -1) for value in numbers.tolist()])
            return _leveled(index, np.isnan(numbers), levels, True)
        return numbers.__getitem__
    missing = np.array([text in column.missing for text in pair.spellings])
    if column.kind in ("category", "boolean"):
        place = {text: index for index, text in enumerate(column.levels)}
        index = np.array([place.get(text, -1) for text in pair.spellings])
        return _leveled(index, missing, np.array(column.levels, object), False)
    if column.kind == "date":
        dates = [None if gone else read_date(text, column.format)
                 for text, gone in zip(pair.spellings, missing, strict=True)]  # fmt: skip
        return np.array(dates, "datetime64[s]").__getitem__
    if column.kind == "choices":
        cells = np.empty(len(pair.spellings), object)
        cells[:] = [
            None
            if gone
            else tuple(part.strip() for part in text.split(column.mark) if part.strip())
            for text, gone in zip(pair.spellings, missing, strict=True)
        ]
        return lambda places: pandas.Series(cells[places], dtype=object)
    texts = np.where(missing, np.nan, np.array(pair.spellings, object))
    return lambda places: pandas.Series(texts[places], dtype="str")


def _leveled(index: np.ndarray, missing: np.ndarray, levels: np.ndarray, ordered: bool) -> Values:
    import pandas

    kind = pandas.CategoricalDtype(levels, ordered)
    index = np.where(missing, -1, index).astype(np.int32)
    return lambda places: pandas.Categorical.from_codes(index[places], dtype=kind)
