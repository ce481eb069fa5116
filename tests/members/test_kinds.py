"""A new member and a new kernel are a class each: no other file knows them, and every command does.

The two here are defined in this file alone, as anybody's would be in one of their own.
"""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from rosenblatt.challenge.recipe import Final, read_recipe
from rosenblatt.challenge.recipe_file import to_toml
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.features.terms import RowTerm, Term
from rosenblatt.members import Fitted, Member, no_progress
from rosenblatt.ranges import POSITIVE, Whole
from rosenblatt.train import Network
from tests.cli.test_report import TEMPLATE
from tests.cli.test_run import folder  # noqa: F401

ROOT = Path(__file__).parents[2] / "src" / "rosenblatt"
RECIPE = """
name = "toys"
combine = "weights"
folds = 3
[[members]]
kind = "nearest_mean"
sharpness = 2.0
[[members]]
kind = "kernel_machine"
[[members.kernels]]
kind = "row_sums"
step = 2
"""


@dataclass(frozen=True)
class NearestMean(Member):
    """The class whose mean is nearest, more surely the sharper."""

    kind: str = "nearest_mean"
    sharpness: float = 1.0

    takes = ("images", "numbers")
    settings: ClassVar = {"sharpness": POSITIVE}

    def fit(self, rows, seed, advance=no_progress, callback=None):
        flat = rows.samples.reshape(len(rows.samples), -1)
        means = [flat[rows.labels == k].mean(0) for k in range(rows.classes)]
        advance(self.units)
        return FittedMean(self.sharpness, np.array(means))


@dataclass(frozen=True, eq=False)
class FittedMean(Fitted):
    sharpness: float
    means: np.ndarray

    def predict(self, samples):
        flat = samples.reshape(len(samples), -1)
        gaps = np.square(flat[:, None] - self.means).mean(2)
        votes = np.exp(-self.sharpness * (gaps - gaps.min(1, keepdims=True)))
        return (votes / votes.sum(1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True)
class RowSumsTerm(RowTerm):
    """Sums over every so many rows of an image."""

    kind: str = "row_sums"
    step: int = 1

    settings: ClassVar = {"step": Whole(1, 8)}

    def describe(self, samples, seed):
        return lambda new: new[:, :: self.step].sum((2, 3))


@pytest.fixture
def project(tmp_path, folder, monkeypatch):  # noqa: F811
    """Return a project whose final recipe is of the toys, on a challenge of stripes."""
    place = tmp_path / "project"
    shutil.copytree(folder, place / "data")
    (place / "toys.toml").write_text(RECIPE)
    (place / "submissions").mkdir()
    (place / "report").mkdir()
    shutil.copy(TEMPLATE, place / "report")
    monkeypatch.chdir(place)
    return place


def ask(capsys, *words, code=0):
    assert main([*words, "--threads", "1", "--json", "-"]) == code
    said = capsys.readouterr()
    return json.loads(said.out) if code == 0 else said.err


def test_toys_are_evaluated_and_searched(project, capsys):
    found = ask(capsys, "evaluate", "data", "--recipe", "toys.toml", "--folds", "4")
    assert found["ensemble"]["mean"] > 0.9
    assert set(found) >= {"nearest_mean 1/2", "kernel_machine 2/2"}
    more = "--set", "nearest_mean.sharpness=0.1", "--against", "toys.toml"
    assert "against" in ask(capsys, "evaluate", "data", "--recipe", "toys.toml", *more)
    wrong = "--set", "nearest_mean.sharpnes=1"
    assert "did you mean sharpness" in ask(
        capsys, "evaluate", "data", "--recipe", "toys.toml", *wrong, code=2
    )


@pytest.mark.parametrize("way", [(), ("--quick",), ("--budget", "20s")])
def test_toys_are_submitted(project, capsys, way):
    ask(capsys, "submit", "data", "--recipe", "toys.toml", "--out", "out.csv", *way)
    said = [row.split(",")[1] for row in Path("out.csv").read_text().split()[1:]]
    assert said == ["up", "across"] * 5


def test_toys_are_reported(project, capsys):
    found = ask(capsys, "submit", "data", "--recipe", "toys.toml", "--out", "out.csv")
    final = Final("data", found["data_digest"], found["file_digest"])
    text = to_toml(read_recipe("toys.toml"), final)
    (project / "submissions" / "final.toml").write_text(text)
    made = ask(capsys, "report", "--measure", "--new", "--folds", "3")
    assert made["pages"] <= 2
    text = (project / "report" / "text.md").read_text()
    assert "nearest mean: `sharpness = 2.0`" in text


def test_a_toy_is_refused_where_it_does_not_suit(project):
    with pytest.raises(UserError, match="a nearest_mean learns from images or numbers"):
        NearestMean().suits(np.zeros((4, 9), np.uint8), None)
    assert Member.kinds()["nearest_mean"] is NearestMean
    assert Term.kinds()["row_sums"] is RowSumsTerm


def test_no_other_package_knows_a_member_by_name():
    names = [kind for kind in Member.kinds() if kind != "nearest_mean"] + ["student"]
    classes = [table.__name__ for table in Member.kinds().values()] + ["Student"]
    for package in ("pipeline", "cli", "report", "challenge"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            assert not [name for name in classes if name in text], path
            modules = [f"members.{name}" for name in names]
            assert not [name for name in modules if name in text], path


def test_a_network_is_few_hops_below_submit(project, capsys, monkeypatch):
    """Counted as a stack trace has them, from the command to the training of a network."""
    seen = []

    class EnoughError(Exception):
        pass

    def fit(self, *anything):
        frame, names = sys._getframe(1), []
        while frame.f_code.co_name != "submit":
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        seen.append(names)
        raise EnoughError

    monkeypatch.setattr(Network, "fit", fit)
    (project / "one.toml").write_text("[[members]]\nblocks = [[4]]\n")
    with pytest.raises(EnoughError):
        main(["submit", "data", "--recipe", "one.toml", "--threads", "1"])
    assert len(seen[0]) <= 6, seen[0]
