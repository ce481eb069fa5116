"""`report --measure`: from the final recipe to two pages, on a tiny challenge."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import Final, Recipe
from rosenblatt.challenge.recipe_file import to_toml
from rosenblatt.cli import main
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember
from rosenblatt.report.evidence import load_evidence
from tests.challenge.folders import course, pixels

TEMPLATE = Path(__file__).parents[2] / "report" / "template.typ"
TEXT = """title: T
team: A
data: DATA
recipe: RECIPE

{score} by {network.rate}

![c](curves) ![f](filters) ![r](results)
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = course(tmp_path / "data", pixels(12), [0, 1] * 6, pixels(4, seed=1))
    network = NetworkMember(blocks=((4,),), dense=0, epochs=2, batch_size=4)
    recipe = Recipe("tiny", members=(network, KernelPerceptronMember(epochs=1)))
    final = tmp_path / "submissions" / "final.toml"
    final.parent.mkdir()
    data = load_challenge(folder).digest
    final.write_text(to_toml(recipe, Final("data", data, "")))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "text.md").write_text(
        TEXT.replace("DATA", data[:8]).replace("RECIPE", recipe.digest[:8])
    )
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


def test_the_text_of_another_challenge_is_refused_and_one_begun(project, capsys):
    text = project / "report" / "text.md"
    earlier = text.read_text().replace("data: ", "data: 0")
    text.write_text(earlier)
    assert main(["report", "--measure", "--folds", "2", "--threads", "1"]) == 2  # before it trains
    assert "other data" in (said := capsys.readouterr().err)
    assert "report --new" in said
    measuring = ["report", "--measure", "--new", "--folds", "2", "--threads", "1", "--html"]
    assert main(measuring) == 0
    said = capsys.readouterr().out
    assert "open questions, in lines 2, " in said
    kept = list((project / "report").glob("text-*.md"))
    assert [path.read_text() for path in kept] == [earlier]
    pages = PdfReader(project / "report" / "report.pdf").pages
    words = " ".join("".join(page.extract_text() for page in pages).split())
    for true in ("12 labelled images of 8 × 8 pixels, of 2 classes",
                 "not seen it: stratified folds, 2 of them.",
                 "1 × network: blocks = [[4]]", "1 × kernel perceptron: epochs = 1",
                 "To answer:"):  # fmt: skip
        assert true in words, (true, words)
    for untrue in ("writer", "two groups", "{", "digits"):
        assert untrue not in words
    (project / "submissions" / "final.csv").write_text("")
    assert main(["package", "--here"]) == 2
    assert "is not the file" in capsys.readouterr().err
    final = project / "submissions" / "final.toml"
    empty = hashlib.sha256(b"").hexdigest()
    final.write_text(final.read_text().replace('submission = ""', f'submission = "{empty}"'))
    assert main(["package", "--here"]) == 2
    assert "open questions, in lines 2, " in capsys.readouterr().err
    assert not (project / "dist").exists()
    assert main(["report", "--new"]) == 0
    assert main(["report", "--new"]) == 2  # the third would take the place of a kept one
    assert "move one away" in capsys.readouterr().err
