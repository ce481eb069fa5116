"""What a column is taken to be, by the cells that such columns have in real challenges."""

import math

import pytest

from rosenblatt.data.dates import date_formats
from rosenblatt.data.schema import Rule, Spellings, UnfitError, column_of

MANY = [f"{value / 7:.3f}" for value in range(1, 60)]
WORDS = [f"the quick brown fox {number}" for number in range(30)]
COLUMNS = {
    "measured": (MANY, "number", ()),
    "missing": ([*MANY, "", "NA", "?"], "number", ("", "NA", "?")),
    "coded missing": ([*MANY, "-999"], "number", ("-999",)),
    "faults": ([*MANY, "#", "*"], "number", ("#", "*")),
    "classes": (["1", "2", "3"] * 9, "code", ()),
    "survey": ([*map(str, range(1, 31)), "77", "88", "99"], "code", ()),
    "flag": (["0", "1"] * 9, "boolean", ()),
    "words for a flag": (["Yes", "no"] * 9, "boolean", ()),
    "few": (["red", "green", "blue"] * 9, "category", ()),
    "none is a value": (["None", "Brick", "NA"] * 9, "category", ("NA",)),
    "country": (["NA", "EU", "AF", ""] * 9, "category", ("",)),
    "post codes": (["01234", "75001", "00123"] * 9, "category", ()),
    "loan": (["0", "1", "2", "3+"] * 9, "category", ()),
    "moments": ([f"2011-01-{day:02d} 05:00:00" for day in range(1, 29)], "date", ()),
    "days": ([f"{day}/11/2026" for day in range(1, 29)], "date", ()),
    "genres": (["a|b", "b", "a", "c|a", "c", "a|b|c"] * 9, "choices", ()),
    "names": (WORDS, "text", ()),
    "words": ([f"w{place}" for place in range(30)], "identifier", ()),
    "same": (["5"] * 30, "constant", ()),
    "empty": (["", "NA"] * 9, "empty", ("", "NA")),
}  # fmt: skip


def column(cells, rule=None, name="c"):
    counts = {cell: cells.count(cell) for cell in dict.fromkeys(cells)}
    return column_of(Spellings(name, counts, frozenset(cells)), rule or Rule())


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_what_a_person_would_say(name):
    cells, kind, missing = COLUMNS[name]
    found = column(cells)
    assert (found.kind, {*found.missing}) == (kind, {*missing})


def test_challenge_toml_overrides_what_the_cells_tell():
    assert column(["1", "2", "9"] * 9, Rule("category")).levels == ("1", "2", "9")
    assert column(["1", "2", "9"] * 9, Rule("category", ("9.0",))).missing == ("9",)
    assert column(["1", "2", "9"] * 9, Rule(missing=("9",))).kind == "boolean"
    assert column([*MANY, "-999"], Rule(missing=())).missing == ()
    with pytest.raises(UnfitError, match=r"'x' is not a finite number; .* missing = \[\"x\"\]"):
        column([*MANY, "x"], Rule("number"))


@pytest.mark.parametrize("odd", ["1O5", "1e39", "inf"])
def test_a_word_with_digits_among_numbers_is_refused(odd):
    with pytest.raises(UnfitError, match=r"a finite number .* or type = \"category\""):
        column([*MANY, odd])
    assert column([*MANY, odd], Rule(missing=(odd,))).kind == "number"


def test_day_and_month_that_can_be_swapped_are_asked_about():
    cells = [f"{day}/{month}/2026" for day in (3, 5, 11) for month in (1, 4, 7)]
    found = column(cells)
    assert found.kind == "category"
    assert "'%d/%m/%Y' or '%m/%d/%Y'" in found.why
    assert column(cells, Rule("date", format="%m/%d/%Y")).format == "%m/%d/%Y"
    with pytest.raises(UnfitError, match='write format = "%d/%m/%Y"'):
        column(cells, Rule("date"))


@pytest.mark.parametrize(
    "cells",
    [
        ["1,234", "2,345", "12,000"] * 4,
        ["999", "1,234", "5"] * 4,
        ["$1,234", "$85"] * 4,
        ["5", "$6", "7"] * 4,
    ],
)
def test_thousands_with_commas_are_no_names(cells):
    with pytest.raises(
        UnfitError, match=r"a number\? Write it bare.*\[columns\].*\"c\" = \"category\""
    ):
        column(cells)
    assert column(cells, Rule(kind="category")).kind == "category"


@pytest.mark.parametrize(
    ("cells", "unit", "values"),
    [
        (["$7.25", "$ 8", "-$9.5", "?"], "$", [7.25, 8, -9.5, None]),
        (["5%", "7 %", "12.5%"], "%", [5, 7, 12.5]),
        ([f"{k} kg" for k in range(30)], "kg", list(range(30))),
        (["$1,234.00", "$85.00", "$2,000,000"], "$", [1234, 85, 2_000_000]),
        (["1,234,567", "1,000", "5"], "", [1_234_567, 1000, 5]),
    ],
)
def test_numbers_that_all_have_one_unit_are_numbers(cells, unit, values):
    found = column(cells * 3)
    assert (found.kind, found.unit) == ("number", unit)
    assert [None if math.isnan(x) else x for x in map(found.number, cells)] == values
    assert found.why.startswith("numbers, ")
    assert (
        found.unfit("5 miles")
        == "no finite number, as the training rows have here; fix it, or leave it empty"
    )


def test_names_of_codes_make_whole_numbers_codes():
    cells = [str(98_001 + k % 60) for k in range(240)]
    for name in ("zipcode", "user_id", "movieId", "postal code"):
        assert column(cells, name=name).kind == "code"
    for name in ("humid", "identity", "price"):
        assert column(cells, name=name).kind == "number"
    assert column(cells[:60], name="user_id").kind == "number"  # one of each: nothing to learn


def test_dates_of_many_forms():
    for texts, form in (
        (["20141013T000000", "20150225T000000"], "%Y%m%dT%H%M%S"),
        (["2011-01-20 00:00:00"], "%Y-%m-%d %H:%M:%S"),
        (["1/16 00:00"], "%m/%d %H:%M"),
        (["31.12.2026", "01.02.2026"], "%d.%m.%Y"),
        (["Nov 28, 2026"], "%b %d, %Y"),
    ):
        assert date_formats(texts) == [form]
    assert date_formats(["12", "2026-13-01"]) == []
