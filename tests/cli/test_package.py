"""`package`: a zip has its name once it is proven, and the one before stays until then."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from rosenblatt.challenge.recipe import Final, Recipe
from rosenblatt.challenge.recipe_file import to_toml
from rosenblatt.cli import main, package
from rosenblatt.members.network import NetworkMember
from rosenblatt.report.pdf import Report
from tests.challenge.test_package import START, project  # noqa: F401

RECIPE = Recipe(members=(NetworkMember(),))


@pytest.fixture
def desk(project, monkeypatch):  # noqa: F811
    """Make a project whose start script only looks whether its data are there."""
    monkeypatch.chdir(project)
    submission = project / "submissions" / "final.csv"
    digest = hashlib.sha256(submission.read_bytes()).hexdigest()
    submission.with_suffix(".toml").write_text(to_toml(RECIPE, Final("data/small", "", digest)))
    monkeypatch.setattr(package, "load", lambda output, data: None)
    monkeypatch.setattr("rosenblatt.report.evidence.load_evidence", lambda path: None)
    made = Report(Path("report.pdf"), 2, 1, ("Ada", "Charles"), ())
    monkeypatch.setattr("rosenblatt.report.pdf.build_report", lambda *inputs: made)
    return project


def test_a_zip_that_stands_there_was_proven(desk, capsys):
    assert main(["package", "--here"]) == 0
    assert "the same submission, and the audit passed" in capsys.readouterr().out
    path = desk / "dist" / "ada-charles.zip"
    proven = path.read_bytes()
    (desk / "start.py").write_text(START.replace("AUDIT", "2"))
    assert main(["package", "--here"]) == 2
    assert "the hand-in fails" in capsys.readouterr().err
    assert path.read_bytes() == proven
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_a_hand_in_with_data_is_renewed_and_another_zip_is_not(desk, capsys):
    assert main(["package", "--here", "--with-data"]) == 0
    assert main(["package", "--here"]) == 0
    other = desk / "small.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("precious.txt", "mine")
    before = other.read_bytes()
    assert main(["package", "--here", "--out", str(other)]) == 2
    assert "it exists, and is no hand-in that could be renewed" in capsys.readouterr().err
    assert other.read_bytes() == before


def test_a_challenge_outside_is_refused_before_all_else(desk, capsys):
    final = desk / "submissions" / "final.toml"
    final.write_text(final.read_text().replace("data/small", str(desk / "data" / "small")))
    assert main(["package", "--here"]) == 2
    assert "Copy it into data/" in capsys.readouterr().err
