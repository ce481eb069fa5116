"""Columns made of others: pieces of codes, numbers in text, parts of dates; typed as they are."""

import numpy as np
import pandas
import pytest

from rosenblatt.errors import UserError
from rosenblatt.features.tables.cells import Cells
from rosenblatt.features.tables.date_parts import DateParts
from rosenblatt.features.tables.encoding import AS_IT_IS, encode
from rosenblatt.features.tables.levels import OneHot
from rosenblatt.features.tables.parts import Parts
from rosenblatt.features.tables.quantities import Quantities


def category(texts):
    return pandas.Series(pandas.Categorical(texts))


def made(feature, train, new):
    """Return the numbers of new cells by the names of their columns, NaN where they are missing."""
    kind = pandas.CategoricalDtype(sorted({text for text in [*train, *new] if text is not None}))
    frames = [
        pandas.DataFrame({"x": pandas.Series(pandas.Categorical(cells, dtype=kind))})
        for cells in (train, new)
    ]
    encoding, _ = encode(frames[0], (feature, Cells()))
    found = encoding(frames[1])
    return {name: found[:, place].tolist() for place, name in enumerate(encoding.names)}


def same(found, wanted):
    np.testing.assert_array_equal(np.array(found, float), np.array(wanted, float))


def test_codes_are_taken_apart_into_numbers_and_levels():
    train = [f"{'BFG'[k % 3]}/{k:03}/{'PS'[k % 2]}" for k in range(60)]
    found = made(Parts(), train, ["F/7/S", "Z/1000/P", "B", None, "G/ten/P"])
    assert [*found] == ["x", "x part 1", "x part 2", "x part 3"]
    same(found["x part 1"], [1, np.nan, 0, np.nan, 2])
    same(found["x part 2"], [7, 1000, np.nan, np.nan, np.nan])
    same(found["x part 3"], [1, 0, np.nan, np.nan, 0])


@pytest.mark.parametrize(("cells", "parts"), [
    ([f"{k // 2:04}_{k % 2 + 1:02}" for k in range(40)], 2),
    ([f"C{k}" for k in range(40)], 2),
    (["a/b", "b/c", "c/d"] * 20, 0),  # few levels: a category already
    ([f"word{'s' * k}" for k in range(40)], 0),  # one piece
    ([" ".join("abcdefgh"[: k % 8 + 1]) + f" {k}" for k in range(40)], 0),  # no number of pieces
])  # fmt: skip
def test_only_codes_of_one_form_are_taken_apart(cells, parts):
    column = category(cells)
    assert Parts().suits(column) == (parts > 0)
    if parts:
        assert len(Parts().made_of(column)) == parts


def test_numbers_stand_in_text():
    train = ["$5", "$1,200", "$7.50", "10 dollar", "3 dollar"] * 8
    found = made(Quantities(), train, ["$6", "11 dollar", "12 euro", "none", None, "-3 dollar"])
    same(found["x number"], [6, 11, 12, np.nan, np.nan, -3])
    assert found["x unit"][0] != found["x unit"][1]
    assert np.isnan(found["x unit"][2:5]).all()
    alone = made(Quantities(), [f"{k} km" for k in range(30)], ["4 km", "5km", "1.5 km"])
    assert [*alone] == ["x", "x number"]
    same(alone["x number"], [4, 5, 1.5])


@pytest.mark.parametrize("cells", [
    ["a", "b"] * 20, [f"{k} of {k}" for k in range(40)], [f"flat {k}, {'xy'[k % 2] * k}"
                                                            for k in range(40)],
])  # fmt: skip
def test_texts_without_one_number_each_hold_no_quantities(cells):
    assert not Quantities().suits(category(cells))


def test_parts_of_dates_are_numbers_and_levels():
    hours = np.datetime64("2011-01-01") + np.arange(48) * np.timedelta64(1, "h")
    frame = pandas.DataFrame({"when": hours})
    encoding, rows = encode(frame, (DateParts(), Cells()))
    assert encoding.names == ("when day", "when day_of_week", "when hour")  # the others stay
    same(rows[:, 2], np.arange(48) % 24)
    later = pandas.DataFrame({"when": [np.datetime64("2012-03-01T05"), np.datetime64("NaT")]})
    same(encoding(later), [[1, np.nan, 5], [np.nan] * 3])
    assert encode(frame, (DateParts(), OneHot(rare=1)))[1].shape == (48, 2 + 2 + 24 + 3)


def test_a_name_that_is_taken_is_refused():
    frame = pandas.DataFrame({"when": [np.datetime64("2011-01-01"), np.datetime64("2012-02-02")],
                              "when year": [1.0, 2.0]})  # fmt: skip
    with pytest.raises(UserError, match=r"column 'when year' would be made .* is there already"):
        encode(frame, (DateParts(), *AS_IT_IS))


def test_a_row_looks_the_same_alone_and_among_others():
    frame = pandas.DataFrame({
        "code": category([f"{'ab'[k % 2]}-{k}" for k in range(60)]),
        "price": category([f"${k}" for k in range(60)]),
        "when": np.datetime64("2011-01-01") + np.arange(60) * np.timedelta64(7, "h"),
    })  # fmt: skip
    encoding, _ = encode(frame[:40], (Parts(), Quantities(), DateParts(), *AS_IT_IS))
    whole = encoding(frame[40:])
    np.testing.assert_array_equal(encoding(frame[47:48]), whole[7:8])
