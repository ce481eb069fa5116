"""A key of challenge.toml that says nothing of the files at hand is refused, never ignored."""

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.errors import UserError
from tests.challenge.folders import course, lines

ROWS = 60


def house(folder, names="size,rooms2", price="{}.5", toml=""):
    folder.mkdir(exist_ok=True)
    draw = np.random.default_rng(0)
    rows = [f"{row},{draw.random():.3f},{row % 7}" for row in range(ROWS + 5)]
    priced = [f"{row},{price.format(n * 37 % 101)}" for n, row in enumerate(rows[:ROWS])]
    lines(folder / "train.csv", [f"Id,{names},price", *priced])
    lines(folder / "test.csv", [f"Id,{names}", *rows[ROWS:]])
    (folder / "challenge.toml").write_text(f"{toml}\n")
    return folder


def digits(folder, toml):
    x = np.random.default_rng(0).integers(0, 255, (23, 64))
    folder.mkdir(exist_ok=True)
    course(folder, x[:20], np.arange(20) % 2, x[20:])
    (folder / "challenge.toml").write_text(f"{toml}\n")
    return folder


def sequences(folder, toml):
    folder.mkdir()
    for kind, count in (("Xtr", 20), ("Xte", 3)):
        lines(
            folder / f"{kind}.csv", ["Id,seq", *(f"{n},ACGT{'ACGT'[n % 4]}" for n in range(count))]
        )
    lines(folder / "Ytr.csv", ["Id,Bound", *(f"{n},{n % 2}" for n in range(20))])
    (folder / "challenge.toml").write_text(f"{toml}\n")
    return folder


@pytest.mark.parametrize(
    ("make", "toml", "message"),
    [
        (house, 'kind = "table"\nshape = [1, 2, 1]', "shape says nothing of these files"),
        (house, 'classes = ["1", "2"]\nmetric = "rmse"', "classes are listed, and metric = 'rmse'"),
        (house, 'id = "Id"\n[table]\nrows = "a"\nwindow = 2\ntarget = "b"', "id says nothing of a"),
        (house, '[columns]\nsize = {format = "%d"}', 'is of dates; write type = "date" beside it'),
        (house, 'kind = "dna"', "kind = dna says nothing of these files"),
        (digits, '[columns]\n"3" = "category"', "columns. 3: pixels are numbers"),
        (digits, 'metric = "rmse"', "metric = 'rmse' is of values, and Prediction is one of 2"),
        (sequences, 'id = "Id"', "id says nothing of these files"),
        (sequences, "shape = [1, 2, 2]", "shape says nothing of these files"),
        (sequences, '[columns]\nseq = "identifier"', "columns says nothing of these files"),
    ],
)
def test_a_key_that_does_not_apply_is_refused(tmp_path, make, toml, message):
    with pytest.raises(UserError, match=message):
        load_challenge(make(tmp_path / "data", toml=toml))


@pytest.mark.parametrize("names", ["size,rooms", "f1,f2", "var_0,var_1", "rooms2,size", "x1,Time"])
def test_numbers_whose_names_are_not_of_pixels_are_a_table(tmp_path, names):
    found = load_challenge(house(tmp_path, names))
    assert (found.kind, list(found.train.columns)) == ("table", names.split(","))


@pytest.mark.parametrize("names", ["pixel0,pixel1", "px_1,px_2", "1x1,1x2", "0,1"])
def test_few_numbers_whose_names_are_of_pixels_are_asked_about(tmp_path, names):
    with pytest.raises(UserError, match=r"kind = .table."):
        load_challenge(house(tmp_path, names, price="{}"))


@pytest.mark.parametrize(("price", "wrong"), [("{}.5", "12a"), ("{}", "1e400"), ("{}.5", "N/A")])
def test_one_bad_cell_among_values_is_named(tmp_path, price, wrong):
    folder = house(tmp_path, price=price)
    text = (folder / "train.csv").read_text().splitlines()
    text[8] = f"{text[8].rpartition(',')[0]},{wrong}"
    lines(folder / "train.csv", text)
    with pytest.raises(UserError, match=rf"train.csv: row 9, column price: '{wrong}' is not a fin"):
        load_challenge(folder)
    lines(folder / "train.csv", [*text[:8], *text[9:]])  # as the message says: drop the row
    assert load_challenge(folder).target.values.shape == (ROWS - 1, 1)
