"""What spreadsheets and people do to the files: refused with the row, and the cure cures."""

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.label_file import read_label_table
from rosenblatt.errors import UserError
from tests.challenge.folders import lines

ROWS, NEW = 40, 8


def rows():
    """Return training and test rows, headers first, as lists of cells."""
    draw = np.random.default_rng(0)
    cells = [
        [str(1 + row), f"{draw.normal():.3f}", str(draw.integers(1000, 90000)),
         ("Paris", "Lyon", "Nice")[draw.integers(3)], ("no", "yes")[draw.integers(2)]]
        for row in range(ROWS + NEW)
    ]  # fmt: skip
    header = ["Id", "size", "price", "town", "bought"]
    return [header, *cells[:ROWS]], [header[:4], *(row[:4] for row in cells[ROWS:])]


def write(folder, train, test, mark=",", toml=""):
    for name, table in (("train.csv", train), ("test.csv", test)):
        lines(folder / name, [mark.join(cells) for cells in table])
    (folder / "challenge.toml").write_text(f"quota = 3\n{toml}\n")
    return folder


def prices(form):
    def alter(train, test):
        for cells in (*train[1:], *test[1:]):
            cells[2] = form(int(cells[2]))

    return alter


@pytest.mark.parametrize(
    "form",
    ['"{:,}"', "{:_}", '"${:,}"', "({})", "\u2212{}"],
)
def test_numbers_in_dress_are_asked_about(tmp_path, form):
    train, test = rows()
    prices(lambda price: form.format(price).replace("_", " "))(train, test)
    with pytest.raises(UserError, match=r'train.csv: row 2, column price: is .*"price" = "cat'):
        load_challenge(write(tmp_path, train, test))
    told = load_challenge(write(tmp_path, train, test, toml='[columns]\nprice = "category"'))
    assert told.train["price"].nunique() == len({cells[2] for cells in train[1:]})
    bare, new = rows()
    assert load_challenge(write(tmp_path, bare, new)).train["price"].dtype == float


@pytest.mark.parametrize("form", ["{}%", "${}", "{} €", "{} kg", '"${:,}.00"'])
def test_numbers_that_all_have_one_unit_are_numbers(tmp_path, form):
    train, test = rows()
    prices(form.format)(train, test)
    found = load_challenge(write(tmp_path, train, test))
    bare = load_challenge(write(tmp_path, *rows()))
    assert found.train["price"].equals(bare.train["price"])
    assert found.test["price"].equals(bare.test["price"])


@pytest.mark.parametrize(
    "names", [["4WD", "2WD"] * 20, ["1Fam", "2fmCon"] * 20, [f"{n}A{n}" for n in range(40)]]
)
def test_names_that_begin_with_a_digit_are_names(tmp_path, names):
    train, test = rows()
    for cells, name in zip((*train[1:], *test[1:]), [*names, *names[:NEW]], strict=True):
        cells[2] = name
    found = load_challenge(write(tmp_path, train, test))
    assert {c.name: c.kind for c in found.columns}["price"] in ("category", "identifier")


ROWS_TOO_MANY = {
    "header again": (13, ["Id", "size", "price", "town", "bought"], "row 14: is the header once"),
    "sep": (0, ["sep=,"], "row 1: holds 'sep=' alone"),
    "title": (0, ["My export", "", "", "", ""], "row 1: holds 'My export' alone"),
    "comment below": (12, ["# by Anna"], "row 13: has 1 columns"),
    "total": (41, ["Total", "0.5", "9999", "Paris", "yes"], "row 42: Id 'Total' is text among"),
    "empty": (20, ["", "", "", "", ""], "row 21, column 1: the cell is empty; fill it in or drop"),
    "units": (1, ["", "m", "EUR", "", ""], "row 2, column 1: the cell is empty; fill it in or dr"),
}


@pytest.mark.parametrize("name", ROWS_TOO_MANY)
def test_a_row_too_many_is_named_and_the_file_reads_without_it(tmp_path, name):
    place, row, message = ROWS_TOO_MANY[name]
    train, test = rows()
    train.insert(place, row)
    with pytest.raises(UserError, match=f"train.csv: {message}"):
        load_challenge(write(tmp_path, train, test))
    del train[place]
    assert load_challenge(write(tmp_path, train, test)).train.shape == (ROWS, 3)


def test_a_header_far_below_is_no_row(tmp_path):
    train, test = rows()
    train[1:] = [[str(place), *cells[1:]] for place, cells in enumerate(train[1:] * 9)]
    train.insert(301, train[0])
    with pytest.raises(UserError, match=r"train.csv: row 302: is the header once more"):
        load_challenge(write(tmp_path, train, test))


def test_names_of_rows_without_a_name_are_asked_for(tmp_path):
    train, test = rows()
    for cells in (*train[1:], *test[1:]):
        del cells[0]
        cells.insert(0, f"r{len(cells)}")
    train[0], test[0] = train[0][1:], test[0][1:]
    for place, cells in enumerate((*train[1:], *test[1:])):
        cells[0] = str(place)
    with pytest.raises(UserError, match="row 1: names 4 columns, and all rows have one more"):
        load_challenge(write(tmp_path, train, test))
    train[0], test[0] = ["Id", *train[0]], ["Id", *test[0]]
    assert load_challenge(write(tmp_path, train, test)).test_ids[0] == str(ROWS)


def test_a_date_of_two_readings_is_said_by_every_command(tmp_path):
    train, test = rows()
    for place, cells in enumerate((*train[1:], *test[1:])):
        cells[3] = f"{1 + place % 12:02d}/{1 + place % 9:02d}/2026"
    odd = load_challenge(write(tmp_path, train, test)).odd
    assert any("'town'" in line and "format = '%d/%m/%Y'} tells which" in line for line in odd)
    toml = "[columns]\ntown = {type = \"date\", format = '%d/%m/%Y'}"
    found = load_challenge(write(tmp_path, train, test, toml=toml))
    assert {c.name: c.kind for c in found.columns}["town"] == "date"


@pytest.mark.parametrize(("mark", "kept"), [("-999", "{missing = []}"), ("abc", '"category"')])
def test_what_is_taken_as_missing_can_be_kept(tmp_path, mark, kept):
    train, test = rows()
    train[7][1] = mark
    [odd] = load_challenge(write(tmp_path, train, test)).odd
    assert f"'{mark}' taken as missing" in odd
    assert f'"size" = {kept} in challenge.toml keep it' in odd
    found = load_challenge(write(tmp_path, train, test, toml=f"[columns]\nsize = {kept}"))
    assert found.train["size"].notna().all()
    if mark == "abc":
        with pytest.raises(UserError, match=r"row 8, column size: 'abc' is no number.*missing = "):
            load_challenge(write(tmp_path, train, test, toml="[columns]\nsize = {missing = []}"))


@pytest.mark.parametrize("form", ["{}.5%", "${}.50", "\u2212{}.5", '"{},5"'])
def test_labels_in_dress_are_asked_about(tmp_path, form):
    train, test = rows()
    for place, cells in enumerate(train[1:]):
        cells[4] = form.format(place * 37 % 101)
    with pytest.raises(UserError, match=r"train.csv: row 2: is label .* a number\? Write it bare"):
        load_challenge(write(tmp_path, train, test))
    for place, cells in enumerate(train[1:]):
        cells[4] = f"{place * 37 % 101}.5"
    assert load_challenge(write(tmp_path, train, test)).target.values[1, 0] == 37.5


def test_a_web_page_is_no_file_of_labels(tmp_path):
    lines(tmp_path / "Ytr.csv", ["<!DOCTYPE html>", "<html>"])
    with pytest.raises(UserError, match=r"Ytr.csv: is a web page and no CSV"):
        read_label_table(tmp_path / "Ytr.csv")
