"""`report --measure`: from the final recipe to two pages, on a tiny challenge."""

import json
import shutil
from pathlib import Path

import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import Final, KernelPerceptronMember, NetworkMember, Recipe
from rosenblatt.challenge.recipe_file import to_toml
from rosenblatt.cli import main
from rosenblatt.report.evidence import load_evidence
from tests.challenge.folders import course, pixels

TEMPLATE = Path(__file__).parents[2] / "report" / "template.typ"
TEXT = (
    "title: T\nteam: A\n\n{score} by {network.rate}\n\n![c](curves) ![f](filters) ![r](results)\n"
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = course(tmp_path / "data", pixels(12), [0, 1] * 6, pixels(4, seed=1))
    network = NetworkMember(blocks=((4,),), dense=0, epochs=2, batch_size=4)
    recipe = Recipe("tiny", members=(network, KernelPerceptronMember(epochs=1)))
    final = tmp_path / "submissions" / "final.toml"
    final.parent.mkdir()
    final.write_text(to_toml(recipe, Final("data", load_challenge(folder).digest, "")))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "text.md").write_text(TEXT)
    shutil.copy(TEMPLATE, tmp_path / "report")
    return tmp_path


def test_report(project, capsys):
    assert main(["report"]) == 2
    assert "report --measure" in capsys.readouterr().err
    arguments = ["report", "--measure", "--folds", "2", "--split", "blocks", "--threads", "1"]
    assert main([*arguments, "--json", "-"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["pages"] == 1
    found = load_evidence(project / "report" / "evidence.npz")
    assert found.split == "blocks of neighbouring rows"
    assert found.fold.tolist() == [0] * 6 + [1] * 6
    assert found.choices.shape == (2, 12)
    assert found.votes.sum(1) == pytest.approx(1)
    assert [row["epoch"] for row in found.curve] == [1, 2]
    assert found.filters.shape == (4, 3, 3, 1)
    before = Path(figures["file"]).read_bytes()
    assert main(["report"]) == 0
    assert Path(figures["file"]).read_bytes() == before
