"""A column that a recipe learns nothing from is named, whatever the command."""

import pytest

from rosenblatt.cli import main
from tests.challenge.folders import lines

TREES = '[[members]]\nkind = "boosting"\nrounds = 3\n'
WORDS = (
    TREES + '[[members.features]]\nkind = "cells"\n'
    '[[members.features]]\nkind = "words"\nbuckets = 8\n'
)


@pytest.fixture
def folder(tmp_path):
    texts = ["the sky is blue and wide", "we walk home in the rain", "a song about old trains"]
    rows = [f"{n},{texts[n % 3]} {n * 7919 % 97},{n * 37 % 50},{'ab'[n % 2]}" for n in range(60)]
    lines(tmp_path / "data" / "train.csv", ["Id,diary,age,label", *rows])
    cut = [row.rsplit(",", 1)[0] for row in rows[:9]]
    lines(tmp_path / "data" / "test.csv", ["Id,diary,age", *cut])
    (tmp_path / "data" / "challenge.toml").write_text('[columns]\ndiary = "text"\n')
    return tmp_path


def test_text_that_no_feature_takes_is_named(folder, capsys):
    words = ["evaluate", str(folder / "data"), "--folds", "2", "--project", str(folder)]
    (folder / "r.toml").write_text(TREES)
    assert main([*words, "--recipe", str(folder / "r.toml")]) == 0
    said = capsys.readouterr()
    assert "learns nothing from 'diary': no feature of it suits" in said.err, said.out
    (folder / "r.toml").write_text(WORDS)  # the cure cures
    assert main([*words, "--recipe", str(folder / "r.toml")]) == 0
    assert "learns nothing" not in capsys.readouterr().err
