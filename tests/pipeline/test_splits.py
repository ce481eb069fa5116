"""Splits that leave nothing to tell apart are refused before any training, wherever they arise."""

import pytest

from rosenblatt.cli import main
from rosenblatt.pipeline import ensemble
from tests.challenge.folders import course, pixels

RECIPE = """
folds = {folds}
combine = "{combine}"
[[members]]
kind = "kernel_perceptron"
gamma = 0.02
epochs = 1
"""


@pytest.fixture
def ask(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command on labels, and says what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(labels, *words, combine="mean", folds=5, code=2):
        course(tmp_path / "data", pixels(len(labels)), list(labels), pixels(3, seed=1))
        (tmp_path / "data" / "challenge.toml").write_text(f"classes = {sorted(set(labels))}")
        (tmp_path / "r.toml").write_text(RECIPE.format(combine=combine, folds=folds))
        (tmp_path / "ranges.toml").write_text('"kernel_perceptron.gamma" = [0.1, 0.2]')
        if code == 2:
            monkeypatch.setattr(ensemble, "learn", None)  # nothing may be trained
        command, *rest = words
        options = ["--recipe", "r.toml", "--threads", "1", *rest]
        assert main([command, "data", *options]) == code
        said = capsys.readouterr()
        return said.out + said.err

    return run


BLOCKS = "--split", "blocks", "--folds"


@pytest.mark.parametrize(
    ("labels", "words", "recipe", "told"),
    [
        ("aaaabbbb", ["evaluate", *BLOCKS, "2"], {}, "without fold 1 all training rows are of cl"),
        ("aaaabbbb", ["evaluate", *BLOCKS, "2"], {}, "'b', so there is nothing to tell apart;"),
        (
            "aaaabbbb",
            ["search", *BLOCKS, "2", "--ranges", "ranges.toml"],
            {},
            "stratified, or into",
        ),
        ("abbbbbbb", ["evaluate", "--folds", "8"], {}, "give a second class more rows."),
        ("abbbaabb", ["evaluate", *BLOCKS, "4"], {"combine": "stack"}, "without folds 1 and 3 all"),
        ("abbbaabb", ["evaluate", *BLOCKS, "4"], {"combine": "stack"}, "take combine = 'mean'"),
        ("abbbbbbb", ["submit"], {"combine": "weights"}, "give a second class more rows, or take"),
        ("aaaaaaab", ["curve", "--rows", "1", "--held", "2"], {}, "among 1 rows all training rows"),
        ("aaaaaaab", ["curve", "--rows", "5,1", "--held", "2"], {}, "give more rows."),
    ],
)
def test_one_class_alone_is_refused_by_fold_class_and_cure(ask, labels, words, recipe, told):
    assert told in ask(labels, *words, **recipe)


def test_folds_that_are_not_scored_may_be_odd(ask):
    labels = "aaaaabab"  # without the last of two folds all are a
    assert "without fold 2 all" in ask(labels, "evaluate", *BLOCKS, "2")


def test_the_first_folds_alone_are_asked_about(ask):
    assert "1 of 2 folds" in ask("aaaaabab", "evaluate", *BLOCKS, "2", "--first", "1", code=0)


def test_a_class_that_one_fold_alone_has_is_said(ask):
    said = ask("abababcc", "evaluate", *BLOCKS, "4", code=0)
    assert (
        "odd      without fold 4 there is no row of class 'c' to learn from: the 2 such rows to "
        "predict cannot be right"
    ) in said
    assert said.count("there is no row of class") == 1
    assert "there is no row" not in ask("abababcc", "evaluate", "--folds", "2", code=0)
