"""A hand-in by a course's rules: the script, its weights and the report, proven by NumPy alone."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge, write_submission
from rosenblatt.challenge.recipe import Final, Recipe
from rosenblatt.challenge.recipe_file import to_toml
from rosenblatt.challenge.settings import read_settings
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.pipeline.model import Model
from rosenblatt.report.pdf import Report
from rosenblatt.train.workers import Workers
from tests.challenge.folders import course

RECIPE = Recipe(members=(KernelPerceptronMember(epochs=2),))
RULES = 'rules = "numpy-only"\n'


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Make a project whose final submission has a model that was kept."""
    project = tmp_path_factory.mktemp("project")
    rng = np.random.default_rng(0)
    labels = np.arange(30) % 3
    rows = rng.integers(0, 9, (42, 64))
    rows[:30, :3] += 9 * (np.arange(3) == labels[:, None])
    data = course(project / "data" / "small", rows[:30], labels.tolist(), rows[30:])
    (data / "challenge.toml").write_text(RULES)
    challenge = load_challenge(data)
    found = pipeline.predict(challenge, RECIPE, Workers(), keep=True)
    (project / "submissions" / "model").mkdir(parents=True)
    Model.of(challenge, RECIPE, found, {"score": None}).save(
        project / "submissions" / "model" / "model.npz"
    )
    submission = project / "submissions" / "final.csv"
    write_submission(submission, challenge, found.rows)
    digest = hashlib.sha256(submission.read_bytes()).hexdigest()
    final = Final("data/small", challenge.digest, digest)
    submission.with_suffix(".toml").write_text(to_toml(RECIPE, final))
    (project / "report").mkdir()
    (project / "report" / "report.pdf").write_bytes(b"%PDF")
    return project


@pytest.fixture
def desk(kept, tmp_path, monkeypatch):
    project = tmp_path / "project"
    shutil.copytree(kept, project)
    monkeypatch.chdir(project)
    monkeypatch.setattr("rosenblatt.report.evidence.load_evidence", lambda path: None)
    made = Report(Path("report.pdf"), 2, 1, ("Ada", "Charles"), ())
    monkeypatch.setattr("rosenblatt.report.pdf.build_report", lambda *inputs: made)
    return project


def test_a_course_of_numpy_alone_gets_the_script(desk, capsys):
    assert main(["package"]) == 0
    assert "the same submission, and the audit passed" in capsys.readouterr().out
    with zipfile.ZipFile(desk / "dist" / "ada-charles.zip") as archive:
        names = [f"ada-charles/{name}" for name in ("run.npz", "run.py", "report.pdf")]
        assert sorted(archive.namelist()) == sorted(names)
    handin = '[handin]\nscript = "pred.py"\nreport = "text.pdf"\nfunction = "predict_all"\n'
    (desk / "data" / "small" / "challenge.toml").write_text(RULES + handin)
    assert main(["package", "--with-data"]) == 0
    with zipfile.ZipFile(desk / "dist" / "ada-charles.zip") as archive:
        files = {name.removeprefix("ada-charles/") for name in archive.namelist()}
        assert {"pred.npz", "pred.py", "text.pdf", "data/small/Xte.csv"} <= files
        assert b"def predict_all(" in archive.read("ada-charles/pred.py")
    (desk / "data" / "small" / "challenge.toml").write_text(handin)
    assert main(["package", "--out", str(desk / "other.zip")]) == 2
    assert 'write rules = "numpy-only" beside it' in capsys.readouterr().err


def test_a_model_that_is_not_the_final_one_is_refused(desk, capsys):
    final = desk / "submissions" / "final.csv"
    recipe = final.with_suffix(".toml")
    before = final.read_bytes()
    turned = before.replace(b",0\n", b",#\n").replace(b",1\n", b",0\n").replace(b",#", b",1")
    final.write_bytes(turned)
    told = recipe.read_text()
    digests = [hashlib.sha256(content).hexdigest() for content in (before, turned)]
    recipe.write_text(told.replace(*digests))
    assert main(["package"]) == 2
    assert "rows are not as in the final submission, such as " in capsys.readouterr().err
    recipe.write_text(told.replace(*digests).replace('data = "', 'data = "0'))
    assert main(["package"]) == 2
    assert "is of other data than the final submission" in capsys.readouterr().err
    shutil.rmtree(desk / "submissions" / "model")
    assert main(["package"]) == 2
    assert "keep it with `reproduce --keep submissions/model`" in capsys.readouterr().err
    assert not (desk / "dist").exists()


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('script = "run"', r"script = 'run': write letters, digits and _ alone, then \.py"),
        ('report = "../report.pdf"', "report = '../report.pdf': write letters"),
        ('function = "a b"', "function = 'a b': write letters, digits and _ alone"),
        ("name = 1", "unknown key 'name'"),
    ],
)
def test_names_that_are_none_are_refused(tmp_path, toml, message):
    (tmp_path / "challenge.toml").write_text(f"[handin]\n{toml}\n")
    with pytest.raises(UserError, match=message):
        read_settings(tmp_path)
