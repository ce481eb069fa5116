"""The embedded challenge is the real one, laid out as promised."""

import csv
import gzip
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.data.rows import read_rows

DIGITS = Path(__file__).parents[2] / "data" / "digits"


def rows(name):
    with open(DIGITS / name, newline="") as file:
        return list(csv.reader(file))


def test_files():
    challenge = load_challenge(DIGITS)
    assert challenge.name == "digits"
    assert challenge.train.shape == (1000, 1, 8, 8)
    assert challenge.test.shape == (797, 1, 8, 8)
    for part in (challenge.train, challenge.test):
        assert (part.min(), part.max()) == (0, 16)
        assert (part == np.floor(part)).all()
    assert challenge.classes == tuple("0123456789")
    assert challenge.test_ids == tuple(str(index) for index in range(1, 798))
    assert (challenge.quota, challenge.public_share) == (2, 0.3)


def test_solution():
    header, *body = rows("solution.csv")
    assert header == ["Id", "Prediction", "Usage"]
    assert [row[0] for row in body] == [str(index) for index in range(1, 798)]
    public = [index for index, row in enumerate(body) if row[2] == "Public"]
    assert len(public) == 239
    assert {row[2] for row in body} == {"Public", "Private"}
    assert public == sorted(np.random.default_rng(1957).permutation(797)[:239].tolist())


def test_the_solution_is_not_part_of_the_challenge(tmp_path):
    copy = shutil.copytree(DIGITS, tmp_path / "digits")
    (copy / "solution.csv").unlink()
    with_it, without = load_challenge(DIGITS), load_challenge(copy)
    assert [name for name, _ in with_it.files] == ["Xtr.csv", "Ytr.csv", "Xte.csv"]
    assert without.digest == with_it.digest
    assert np.array_equal(without.train, with_it.train)


def test_rows_are_those_of_the_source():
    spec = importlib.util.find_spec("sklearn")
    if spec is None:
        pytest.skip("scikit-learn, whose wheel holds the source file, is not installed")
    source = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    wanted = gzip.decompress(source.read_bytes()).decode().split()
    pixels = rows("Xtr.csv") + rows("Xte.csv")
    labels = rows("Ytr.csv")[1:] + rows("solution.csv")[1:]
    ours = [",".join([*row, label[1]]) for row, label in zip(pixels, labels, strict=True)]
    assert ours == wanted


def test_source_names_people_and_licence():
    text = (DIGITS / "SOURCE.md").read_text(encoding="utf-8")
    for words in ("Alpaydin", "Kaynak", "1998", "CC BY 4.0", "default_rng(1957)"):
        assert words in text
    assert read_rows(DIGITS / "Ytr.csv")[0][1] == ["Id", "Prediction"]
