"""Every cell of a table read again, by pandas as text alone, against what was made of it."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.data.schema import Column
from tests.challenge.test_tables import folder

SHARED = Path(__file__).parents[3] / "shared" / "data"
FILES = {  # of training and of test rows
    "titanic": ("train.csv", "test.csv"),
    "house_prices": ("train.csv", "test.csv"),
    "bike_sharing": ("train.csv", "test.csv"),
    "income_utah": ("train_final.csv", "test_final.csv"),
    "heart_epfl": ("x_train.csv", "x_test.csv"),
    "forest_cover": ("train.csv", "test.csv"),
    "disaster_tweets": ("train.csv", "test.csv"),
}
MISSING = {"", "NA", "?"}
FAULTS = Column("an hour", "number", "", missing=("#", "*", "x", "A", ""))


def as_text(path, **how):
    return pandas.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True, **how)


def differences(challenge, train, test):
    """Yield the cells that are not what their text says, by the type of their column alone."""
    kinds = {column.name: column for column in challenge.columns}
    for made, texts in ((challenge.train, train), (challenge.test, test)):
        assert len(made) == len(texts)
        for name, column in made.items():
            pairs = pandas.DataFrame(
                {"cell": column.astype(object).to_numpy(), "text": texts[name].to_numpy()}
            )
            for row, cell, text in pairs.drop_duplicates().itertuples():
                if not same(cell, text.strip(), kinds[name]):
                    yield name, row, cell, text


def same(cell, text, column):
    missing = cell is None or (isinstance(cell, float) and np.isnan(cell)) or cell is pandas.NaT
    if missing or text in column.missing:
        return missing and text in column.missing
    if isinstance(cell, float):
        return cell == float(text)
    if isinstance(cell, pandas.Timestamp):
        return cell == datetime.strptime(text, column.format)
    if isinstance(cell, tuple):
        parts = [part.strip() for part in text.split(column.mark)]
        return list(cell) == [part for part in parts if part]
    return cell == text


def test_made_tables_are_read_as_they_are(tmp_path):
    path = folder(tmp_path, sample="")
    challenge = load_challenge(path)
    train, test = as_text(path / "train.csv"), as_text(path / "test.csv")
    assert not [*differences(challenge, train, test)]
    assert {*challenge.train} == {"age", "job", "seen", "fare", "note", "genres", "Nr"}
    train.loc[3, "fare"] = "-1"  # and another cell would be found
    train.loc[4, "job"] = "State-gov" if train.loc[4, "job"] != "State-gov" else "Private"
    assert {(name, row) for name, row, *_ in differences(challenge, train, test)} == {
        ("fare", 3),
        ("job", 4),
    }


@pytest.mark.parametrize("name", FILES)
def test_real_tables_are_read_as_they_are(tmp_path, name):
    if not (SHARED / f"{name}.zip").exists():
        pytest.skip(f"no real data: {SHARED / name}.zip is absent")
    subprocess.run([sys.executable, SHARED / "expand.py", tmp_path, name], check=True)
    path = tmp_path / name
    challenge = load_challenge(path)
    train, test = (as_text(path / file) for file in FILES[name])
    if challenge.id_column in test:  # rows come in the order of the submission
        test = test.set_index(challenge.id_column, drop=False).loc[list(challenge.test_ids)]
    assert not [*differences(challenge, train, test)][:5]
    assert {text for column in challenge.columns for text in column.missing} <= MISSING
    for column in challenge.columns:
        if column.kind in ("constant", "empty"):
            assert train[column.name].nunique() <= 1


def test_hours_of_a_wide_table_are_read_as_they_are(tmp_path):
    if not (SHARED / "pm25.zip").exists():
        pytest.skip(f"no real data: {SHARED / 'pm25.zip'} is absent")
    subprocess.run([sys.executable, SHARED / "expand.py", tmp_path, "pm25"], check=True)
    path = tmp_path / "pm25"
    (path / "challenge.toml").write_text(
        '[table]\nrows = "ItemName"\nwindow = 9\ntarget = "PM2.5"\nmissing = ["#", "*", "x", "A"]\n'
    )
    challenge = load_challenge(path)
    test = as_text(path / "test.csv", header=None)
    hours = {(key.strip(), name.strip()): row for key, name, *row in test.itertuples(index=False)}
    for place, key in enumerate(challenge.test_ids):
        for name in {name for _, name in hours}:
            texts = [text.strip() for text in hours[key, name]]
            agree([challenge.test[column][place] for column in columns_of(name)], texts)
    train = as_text(path / "train.csv")
    train["ItemName"] = train["ItemName"].str.strip()
    months = {}  # the days of each follow one another
    for (date, name), row in train.set_index(["Date", "ItemName"]).iterrows():
        day = months.setdefault(date.partition("/")[0], {}).setdefault(name, [])
        day += [text.strip() for text in row.to_numpy()[-24:]]
    made = []
    for month in months.values():
        for first in range(len(month["PM2.5"]) - 9):
            if same(np.nan, month["PM2.5"][first + 9], FAULTS):
                continue  # and none of its windows are all faults
            made.append(
                [texts[first + hour] for texts in month.values() for hour in range(9)]
                + [month["PM2.5"][first + 9]]
            )
    quantities = next(iter(months.values()))
    names = [column for name in quantities for column in columns_of(name)]
    found = challenge.train[names].to_numpy()
    assert found.shape == (len(made), len(names))
    for texts, cells, value in zip(made, found, challenge.target.truth, strict=True):
        for first in range(0, len(cells), 9):
            agree(cells[first : first + 9], texts[first : first + 9])
        assert value == float(texts[-1])


def columns_of(name):
    return [
        f"{name} last known",
        *(f"{name} change since {hour} h before" for hour in range(9, 1, -1)),
    ]


def agree(cells, texts):
    """The first cell is the last of texts that is known, others are changes from each to it."""
    known = [text for text in texts if not same(np.nan, text, FAULTS)]
    last = float(known[-1]) if known else np.nan
    assert cells[0] == last or (not known and np.isnan(cells[0]))
    for cell, text in zip(cells[1:], texts, strict=False):
        if same(np.nan, text, FAULTS) or not known:
            assert np.isnan(cell)
        else:
            assert cell == last - float(text)
