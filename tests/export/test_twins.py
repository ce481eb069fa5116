"""Twins in plain NumPy: what they answer is what the originals answer, within 1e-5."""

import ast
from collections import Counter

import numpy as np
import pytest

from rosenblatt.classic import FeatureMachineRegressor, KernelPerceptron, KernelRidgeRegressor
from rosenblatt.export import script
from rosenblatt.export.twins import answers, files
from rosenblatt.export.twins.estimators import feature_values
from rosenblatt.export.twins.kernel_machines import values_of_kernels
from rosenblatt.export.twins.machines import decided, expansion
from rosenblatt.export.twins.networks import network_votes
from rosenblatt.export.twins.parts import TWINS, Part, restored
from rosenblatt.export.twins.views import changed, looked_up
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.kept import told
from rosenblatt.metrics import find_metric
from rosenblatt.metrics.decisions import answer

WAYS = (
    {"shift": 1.5, "rotation": 40, "scale": 0.3, "shear": 0.3, "border": 0.5},
    {"flip": 0.5, "crop": 2},
    {"brightness": 0.3, "contrast": 0.5, "saturation": 0.5, "flip": 0.5},
    {"alpha": 9.0, "sigma": 1.5, "shift": 1.0},
    {"cutout": 3, "border": 0.25, "rotation": 10},
    {"cutout": 4, "brightness": 0.1},
)


script._import_twins()  # TWINS lists those of modules that were imported


def part(value):
    """Return a value as a script has it: told, and made of parts."""
    arrays = {}
    content = script._shorter(told("value", value, arrays))
    return restored(content, arrays)


@pytest.mark.parametrize("way", WAYS)
def test_views_are_drawn_as_the_training_drew_them(way):
    images = np.random.default_rng(0).random((5, 7, 6, 3), np.float32)
    how = Augmentation(**way)
    for seed, step in ((3, 0), (2**40 + 1, (1 << 40) + 2)):
        found = changed(Part("", vars(how)), images, seed, step)
        np.testing.assert_allclose(found, how(images, seed, step), atol=1e-5)


def test_places_between_pixels_are_means_of_four():
    image = np.array([[[[1.0], [3.0]], [[5.0], [7.0]]]], np.float32)
    rows, columns = np.full((1, 1, 1), 0.5), np.full((1, 1, 1), 0.5)
    assert looked_up(image, rows, columns, np.float32(0)).item() == 4
    assert looked_up(image, rows - 9, columns, np.float32(2)).item() == 2


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kernel", ["gaussian", "polynomial"])
def test_machines_compare_as_they_did(kernel, classes):
    rng = np.random.default_rng(1)
    x, labels = rng.random((20, 4), np.float32) + 5, np.arange(20) % classes
    machine = KernelPerceptron(kernel, degree=2, epochs=3).fit(x, labels)
    new = rng.random((9, 4), np.float32) + 5
    learned = Part("", {name: part(value) for name, value in machine.to_keep().items()})
    scores = expansion(learned, new)
    wanted = machine.decision_function(new).reshape(len(new), -1)
    np.testing.assert_allclose(scores, wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(machine.classes_[decided(scores)], machine.predict(new))


@pytest.mark.parametrize(
    ("make", "twin"),
    [(KernelRidgeRegressor, values_of_kernels), (FeatureMachineRegressor, feature_values)],
)
def test_values_far_from_zero_are_answered_as_they_were(make, twin):
    rng = np.random.default_rng(3)
    x, new = rng.random((30, 4), np.float32), rng.random((9, 4), np.float32)
    machine = make().fit(x, 1e12 + x[:, :2] * [1, -50])
    learned = Part("", {name: part(value) for name, value in machine.to_keep().items()})
    np.testing.assert_allclose(twin(learned, new) - 1e12, machine.predict(new) - 1e12, atol=1e-3)


def test_answers_are_those_of_the_metric():
    votes = np.random.default_rng(2).random((9, 3))
    model = Part("", {"names": ["a", "b", "c"], "cuts": [0.6, 1.2]})
    tied = np.vstack([votes, [[1, 1, 0.5], [1.4, 0.6, 0.0]]])
    for name, row in (("labels", 9), ("cut", 10)):
        margin = TWINS[f"answers.{name}_margin"](None, Part("", {"cuts": [0.3, 1.2]}), tied)
        assert [row] == np.flatnonzero(margin < 1e-5).tolist()
    for name, cuts in (("labels", None), ("cut", (0.6, 1.2))):
        wanted = answer(find_metric("quadratic_kappa"), votes, cuts)
        found = TWINS[f"answers.{name}"](None, model, votes)
        assert found == [[model.names[place]] for place in wanted]
    [[share], *_] = answers.second(None, model, votes)
    assert float(share) == pytest.approx(votes[0, 1] / votes[0].sum())


def test_rows_are_read_with_and_without_ids(tmp_path):
    expected = Part("", {"names": [], "shape": [2], "sample": "", "first": 7, "largest": 0})
    model = Part("", {"expected": expected, "header": ["Id", "y"]})
    for text, ids in (("1,2\n3,4\n", None), ("Id,a,b\nu,1,2\nv,3,4,\n", ["u", "v"])):
        (tmp_path / "x.csv").write_text(text.replace("4,", "4"))
        found, keys = files.read_numbers(None, model, tmp_path / "x.csv")
        np.testing.assert_array_equal(found, [[1, 2], [3, 4]])
        assert keys == ids
    assert files.ids_and_order(model, tmp_path, None, 2) == (["7", "8"], [0, 1])
    expected.sample = "s.csv"
    (tmp_path / "s.csv").write_text("Id,y\nv,0\nu,0\n")
    assert files.ids_and_order(model, tmp_path, ["u", "v"], 2) == (["v", "u"], [1, 0])


def test_near_ties_are_named(capsys):
    model = Part("", {"header": ["Id", "y"], "margin": lambda model, votes: votes[:, 0]})
    votes = np.array([[1e-4], [9e-6], [0.0]])
    files.tell_near_ties(model, votes, ["u", "v", "w"])
    files.tell_near_ties(model, votes, None)
    told = "its two best answers are closer than 1e-05; decide yourself"
    names = ("Id v", "Id w", "row 2", "row 3")
    assert capsys.readouterr().out.splitlines() == [f"{name}: {told}" for name in names]
    files.tell_near_ties(Part("", {"margin": None}), votes, None)
    assert not capsys.readouterr().out


def test_a_script_knows_what_it_has_no_twin_for():
    assert TWINS["members.network.FittedNetwork"] is network_votes
    with pytest.raises(AttributeError, match="a thing holds no size"):
        Part("thing", {}).size  # noqa: B018


def test_no_two_definitions_of_a_script_share_a_name():
    names = []
    for tree in script._import_twins().values():
        for node in tree.body:
            kept = isinstance(node, ast.Assign)
            names += [one.id for one in ast.walk(node) if kept and isinstance(one, ast.Name)
                      and isinstance(one.ctx, ast.Store)]  # fmt: skip
            names += [node.name] if hasattr(node, "name") else []
    assert [name for name, count in Counter(names).items() if count > 1] == []
