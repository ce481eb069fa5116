"""Models as scripts: the same labels by NumPy alone, shuffled rows too, and no line too many."""

import ast
import dataclasses
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge, write_submission
from rosenblatt.challenge.new_rows import NewRows
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.export.script import export
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.graphs.substructures import (
    GraphletsTerm,
    ShortestPathsTerm,
    WeisfeilerLehmanTerm,
)
from rosenblatt.features.hog import HOGTerm
from rosenblatt.features.patches import PatchesTerm
from rosenblatt.features.scattering import ScatteringTerm
from rosenblatt.features.strings import GappedTerm, MismatchTerm, SpectrumTerm
from rosenblatt.members.kernel_machine import KernelMachineMember
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember
from rosenblatt.members.virtual_svm import VirtualSVMMember
from rosenblatt.pipeline.model import Model
from rosenblatt.train.workers import Workers
from tests.challenge.folders import course
from tests.challenge.formats.test_graphs import networkx, some, write
from tests.pipeline.test_model import letters

__all__ = ["networkx"]  # a fixture

CHANGES = Augmentation(shift=1.0, rotation=20, scale=0.2, shear=0.2, flip=0.5, brightness=0.1,
                       contrast=0.2, crop=1)  # fmt: skip
PLAIN = NetworkMember(blocks=((4,), (4,)), dense=8, dropout=0.2, epochs=2, batch_size=8)
WAYS = {
    "plain": (dataclasses.replace(PLAIN, snapshots=2),),
    "normalised, views": (
        dataclasses.replace(PLAIN, batch_normalisation=True, augmentation=CHANGES, views=3),
        KernelPerceptronMember(epochs=2, weight=0.5),
    ),
    "residual and dense": (
        dataclasses.replace(PLAIN, architecture="residual"),
        dataclasses.replace(PLAIN, architecture="dense"),
        KernelPerceptronMember(kernel="polynomial", epochs=2),
    ),
    "kernels of gradients": (
        KernelMachineMember(kernels=(HOGTerm(cells=(2,)), PatchesTerm(side=3, count=8)), flip=True),
        VirtualSVMMember(kernels=(HOGTerm(cells=(4,)),), copies=1, views=1),
    ),
}


@pytest.fixture(scope="module")
def challenge(tmp_path_factory):
    rng = np.random.default_rng(0)
    labels = np.arange(30) % 3
    images = rng.integers(0, 9, (50, 8, 8))
    for row, label in enumerate([*labels, *rng.integers(0, 3, 20)]):
        images[row, 4 * (label // 2) :, 4 * (label % 2) :][:4, :4] += 7
    flat = images.reshape(50, 64)
    folder = course(tmp_path_factory.mktemp("data"), flat[:30], labels.tolist(), flat[30:])
    return folder, load_challenge(folder)


def learned(challenge, members):
    recipe = Recipe("r", members=members)
    found = pipeline.predict(challenge, recipe, Workers(), keep=True)
    return Model.of(challenge, recipe, found, {"score": None}), found.rows


@pytest.fixture(scope="module")
def plain(challenge):
    """Return a model of a network, and what it submits."""
    return learned(challenge[1], WAYS["plain"])


def imported(path):
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_alone(script, *words, code=0):
    """Run a script where the standard library and NumPy are all there is; return its errors."""
    only = script.parent / "only"
    only.mkdir(exist_ok=True)
    home = Path(np.__file__).parent
    for name in ("numpy", "numpy.libs"):
        if (home.parent / name).exists() and not (only / name).exists():
            (only / name).symlink_to(home.parent / name)
    environment = {**os.environ, "PYTHONPATH": str(only)}
    command = [sys.executable, "-S", "-B", script, *words]
    done = subprocess.run(
        command, env=environment, cwd=script.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == bool(code)
    return done.stderr


def check_alone(model, folder, tmp_path):
    """Check that a script of a model writes, by NumPy alone, what the model submits."""
    script, _ = export(model, tmp_path / "run.py")
    challenge = load_challenge(folder)
    expected = model.answers(NewRows(challenge.test, challenge.test_ids, challenge.test_sets))
    write_submission(tmp_path / "wanted.csv", challenge, expected)
    run_alone(script, str(folder), "--out", "made.csv")
    assert (tmp_path / "made.csv").read_bytes() == (tmp_path / "wanted.csv").read_bytes()


def test_sequences_of_several_sets_have_a_script(tmp_path):
    folder = letters(tmp_path / "data")
    kernels = SpectrumTerm(letters=3), MismatchTerm(letters=4), GappedTerm(letters=5, solid=3)
    member = KernelMachineMember(kernels=kernels, gamma=2.0)
    model, _ = learned(load_challenge(folder), (member, dataclasses.replace(member, gamma=0.0)))
    check_alone(model, folder, tmp_path)
    with pytest.raises(UserError, match=r"answers one file, and the model has 2 sets"):
        export(model, tmp_path / "pred.py", "predict_all")


def test_graphs_have_a_script(networkx, tmp_path):
    graphs = some(networkx, 30)
    folder = write(tmp_path / "data", graphs[:20], [row % 2 for row in range(20)], graphs[20:])
    kernels = WeisfeilerLehmanTerm(rounds=2), ShortestPathsTerm(), GraphletsTerm()
    model, _ = learned(load_challenge(folder), (KernelMachineMember(kernels=kernels),))
    check_alone(model, folder, tmp_path)


@pytest.mark.parametrize("way", WAYS)
def test_a_script_answers_as_its_model(way, challenge, plain, tmp_path):
    folder, data = challenge
    model, expected = plain if way == "plain" else learned(data, WAYS[way])
    script, _ = export(model, tmp_path / "run.py")
    module = imported(script)
    again = module.load_model(script.with_suffix(".npz"))
    order = np.random.default_rng(1).permutation(len(data.test))
    for rows in (data.test, data.test[order]):
        votes, wanted = again(rows), model.votes(rows)
        np.testing.assert_allclose(votes / votes.sum(1, keepdims=True),
                                   wanted / wanted.sum(1, keepdims=True), atol=1e-5)  # fmt: skip
    write_submission(tmp_path / "wanted.csv", data, expected)
    run_alone(script, str(folder), "--out", "made.csv")
    assert (tmp_path / "made.csv").read_bytes() == (tmp_path / "wanted.csv").read_bytes()


def test_a_script_refuses_what_does_not_fit(challenge, plain, tmp_path):
    script, weights = export(plain[0], tmp_path / "run.py")
    folder = shutil.copytree(challenge[0], tmp_path / "data")
    (tmp_path / "own.csv").write_text("mine\n1\n")
    assert "own.csv: is not written" in run_alone(script, "data", "--out", "own.csv", code=2)
    assert "Xte.csv: is not written" in run_alone(script, "data", "--out", "data/Xte.csv", code=2)
    assert (tmp_path / "own.csv").read_text() == "mine\n1\n"
    (folder / "Xte.csv").unlink()
    assert "No such file" in run_alone(script, "data", code=2)
    export(learned(challenge[1], WAYS["normalised, views"][1:])[0], tmp_path / "other.py")
    shutil.copy(tmp_path / "other.npz", weights)
    assert "run.npz: is damaged, or of another" in run_alone(script, "data", code=2)


def test_a_script_holds_no_line_too_many(plain, tmp_path):
    model, _ = plain
    script, _ = export(model, tmp_path / "run.py")
    text = script.read_text()
    tree = ast.parse(text)
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
               for alias in node.names}  # fmt: skip
    assert modules <= {"argparse", "csv", "hashlib", "io", "json", "numpy", "re"}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            assert len(re.findall(rf"\b{node.name}\b", text)) > 1, node.name
    assert "polynomial" not in text
    assert "weights that were trained elsewhere" in ast.get_docstring(tree)


def test_a_function_answers_a_file(challenge, plain, tmp_path):
    folder, data = challenge
    model, expected = plain
    (tmp_path / "kept").mkdir()
    model.save(tmp_path / "kept" / "model.npz")
    words = ["export", str(tmp_path / "kept"), "--out", str(tmp_path / "pred.py")]
    assert main([*words, "--function", "predict_all"]) == 0
    assert main(words) == 0  # renewed
    assert main([*words, "--function", "predict_all"]) == 0
    module = imported(tmp_path / "pred.py")
    assert module.predict_all(folder / "Xte.csv") == [data.classes[place] for place in expected]
    assert not hasattr(module, "main")


def test_what_has_no_twin_is_named(challenge, tmp_path, capsys):
    _, data = challenge
    model, _ = learned(data, (KernelMachineMember(kernels=(ScatteringTerm(scales=1),)),))
    with pytest.raises(
        UserError, match=r"holds .*scattering.ScatteringTerm.* cannot be exported yet"
    ):
        export(model, tmp_path / "run.py")
    (tmp_path / "own.py").write_text("mine = 1\n")
    with pytest.raises(UserError, match=r"own.py: is not written: it exists, and is no part"):
        export(model, tmp_path / "own.py")
    (tmp_path / "own.py").rename(tmp_path / "own.npz")
    with pytest.raises(UserError, match=r"own.npz: is not written: it exists, and is no part"):
        export(model, tmp_path / "own.py")
    (tmp_path / "own.npz").unlink()
    assert main(["export", "gone", "--out", "run.txt"]) == 2
    assert "end it in .py" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
