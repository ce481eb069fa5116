"""Values are learned, put together, judged and written, without a class in between."""

import csv
import dataclasses
import json
import math

import numpy as np
import pandas
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import Recipe, read_recipe, recipe_path
from rosenblatt.challenge.target import Values
from rosenblatt.cli import main
from rosenblatt.data.archive import read_archive
from rosenblatt.errors import UserError
from rosenblatt.members.forest import ForestMember
from rosenblatt.members.kernel_machine import KernelMachineMember
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.linear import LinearMember
from rosenblatt.metrics import METRICS
from rosenblatt.metrics.decisions import answer
from rosenblatt.pipeline.folds import spread_folds
from rosenblatt.pipeline.jobs import standardised
from rosenblatt.pipeline.rules import blend_rule
from rosenblatt.train.workers import Workers

RECIPE = read_recipe(recipe_path("typed_values"))


@pytest.fixture
def homes(tmp_path, monkeypatch):
    """Prices that grow with the area, by a third with a garden; test rows know the truth."""
    rng = np.random.default_rng(0)
    area, garden = rng.uniform(20, 200, 130).round(1), rng.integers(0, 2, 130)
    price = (1000 * area * (1 + garden / 3)).round(0)
    rows = list(zip(range(130), area, np.array(["no", "yes"])[garden], price, strict=True))
    (tmp_path / "data").mkdir()
    for name, part, columns in (("train", rows[:100], 4), ("test", rows[100:], 3)):
        with open(tmp_path / "data" / f"{name}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["Id", "area", "garden", "price"][:columns])
            writer.writerows(row[:columns] for row in part)
    (tmp_path / "data" / "challenge.toml").write_text('metric = "rmsle"\n')
    monkeypatch.chdir(tmp_path)
    return price[100:]


def test_values_from_files_to_a_submission(homes, tmp_path, capsys):
    recipe = ["--recipe", "typed_values"]
    assert main(["evaluate", "data", "--threads", "1", "--json", "e.json", *recipe]) == 0
    found = json.loads((tmp_path / "e.json").read_text())
    assert found["metric"] == "rmsle"
    assert 0 < found["ensemble"]["mean"] < 0.08
    assert "confusion" not in found
    assert main(["submit", "data", "--out", "mine.csv", *recipe]) == 0
    assert main(["check", "mine.csv", "data"]) == 0
    with open("mine.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["Id", "price"]
    said = np.array([float(value) for _, value in rows])
    error = math.sqrt(np.mean((np.log1p(said) - np.log1p(homes)) ** 2))
    assert error < 0.08
    assert main(["curve", "data", "--rows", "20,60", "--held", "30", *recipe]) == 0
    assert "60 rows: RMSLE" in capsys.readouterr().out


def test_no_value_below_zero_is_predicted_where_the_metric_has_none(homes):
    votes = np.array([[-0.5], [0.0], [1.0], [1e9]])
    found = answer(METRICS["rmsle"], votes)
    assert found[:3] == pytest.approx([0, 0, math.e - 1])
    assert np.isfinite(found).all()
    assert answer(METRICS["rmse"], votes).tolist() == votes[:, 0].tolist()
    METRICS["rmsle"]([1, 1, 1, 1], found)


def test_values_below_zero_are_refused_for_a_metric_of_logarithms(homes):
    challenge = load_challenge("data")
    low = Values(challenge.target.values - 1e6, challenge.target.names)
    challenge = dataclasses.replace(challenge, target=low)
    with pytest.raises(UserError, match=r"RMSLE has none below 0; write metric = \"rmse\""):
        pipeline.predict(challenge, RECIPE, Workers())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"combine": "vote"}, "combine = 'vote' counts classes"),
        ({"combine": "stack"}, "combine = 'stack' counts classes"),
        ({"pseudo_labels": 0.9}, "pseudo_labels = 0.9 labels classes"),
        ({"members": (KernelPerceptronMember(),)}, "answers classes"),
        ({"members": (LinearMember(balanced=True),)}, "balanced = true weighs classes"),
        (
            {"members": (KernelMachineMember(kernels=RECIPE.members[0].kernels),)},
            'write machine = "ridge"',
        ),
    ],
)
def test_what_learns_classes_alone_is_refused_before_any_training(homes, changes, said):
    recipe = dataclasses.replace(RECIPE, **changes)
    with pytest.raises(UserError) as caught:
        pipeline.predict(load_challenge("data"), recipe, Workers())
    assert said in str(caught.value)


def test_the_scale_of_values_changes_nothing_but_their_scale(homes):
    challenge = dataclasses.replace(load_challenge("data"), metric="rmse")
    plain = pipeline.predict(challenge, RECIPE, Workers()).rows
    moved = Values(challenge.target.values * 1e-6 + 40, challenge.target.names)
    scaled = pipeline.predict(dataclasses.replace(challenge, target=moved), RECIPE, Workers()).rows
    np.testing.assert_allclose((scaled - 40) * 1e6, plain, rtol=1e-4)


@pytest.mark.parametrize(
    ("shift", "scale"), [(1e8, 1e-5), (1.6e9, 1.0), (1e12, 1e-4), (0.0, 1e-250)]
)
def test_values_far_from_zero_keep_their_digits(homes, shift, scale):
    challenge = dataclasses.replace(load_challenge("data"), metric="rmse")
    moved = Values(challenge.target.values * scale + shift, challenge.target.names)
    far = dataclasses.replace(challenge, target=moved)
    fold = spread_folds(challenge.target, 3, np.random.default_rng(0))
    for members in (RECIPE.members, (LinearMember(),), (ForestMember(trees=9), LinearMember())):
        recipe = Recipe(members=members, combine="weights" if len(members) == 2 else "mean")
        near = pipeline.cross_validate(challenge, recipe, fold, Workers())
        found = pipeline.cross_validate(far, recipe, fold, Workers())
        rounded = 300 + 100 * float(np.spacing(shift)) / scale  # of a spread of 60,000
        for one in ("members", "votes"):
            values = (getattr(found, one) - shift) / scale
            np.testing.assert_allclose(values, getattr(near, one), rtol=0, atol=rounded)


def test_kept_votes_and_submissions_hold_values_far_from_zero(homes, tmp_path):
    path = tmp_path / "data" / "train.csv"
    header, *rows = path.read_text().splitlines()
    moved = [line.rsplit(",", 1) for line in rows]
    rows = [f"{cells},{float(price) + 1e12!r}" for cells, price in moved]
    path.write_text("\n".join([header, *rows]) + "\n")
    (tmp_path / "data" / "challenge.toml").write_text('metric = "rmse"\n')
    recipe = ["--recipe", "typed_values", "--threads", "1"]
    assert main(["evaluate", "data", "--keep", "votes.npz", "--json", "e.json", *recipe]) == 0
    error = json.loads((tmp_path / "e.json").read_text())["ensemble"]["mean"]
    assert error < 6000
    _, arrays = read_archive(tmp_path / "votes.npz")
    truth = np.array([float(price) for _, price in moved])
    for votes in (arrays["votes"][0, :, 0], arrays["members"][0, 0, :, 0]):
        assert math.sqrt(np.mean((votes - 1e12 - truth) ** 2)) < 2 * error
    assert main(["submit", "data", "--out", "mine.csv", *recipe]) == 0
    said = pandas.read_csv("mine.csv")["price"].to_numpy() - 1e12
    assert math.sqrt(np.mean((said - homes) ** 2)) < 10_000


def test_a_blend_far_from_zero_is_the_blend_near_it():
    rng = np.random.default_rng(1)
    values = rng.integers(-9, 9, (100, 1)) / 4  # float64 holds quarters up to 2^51
    votes = values + rng.integers(-3, 4, (2, 100, 1)) / [[[4]], [[2]]]
    near, far = blend_rule(votes, values), blend_rule(votes + 2.0**50, values + 2.0**50)
    assert near.weights.tolist() == far.weights.tolist()
    assert 0.6 < near.weights[0] < 0.95  # by their variances: 0.8


def test_two_values_a_row_are_those_of_each_alone(homes):
    challenge = dataclasses.replace(load_challenge("data"), metric="rmse")
    values = challenge.target.values
    both = Values(np.hstack([values, -3 * values]), ("price", "loss"))
    found = pipeline.predict(dataclasses.replace(challenge, target=both), RECIPE, Workers()).rows
    alone = pipeline.predict(challenge, RECIPE, Workers()).rows
    assert found.shape == (30, 2)
    np.testing.assert_allclose(found[:, 0], alone, rtol=1e-4)
    np.testing.assert_allclose(found[:, 1], -3 * alone, rtol=1e-4)


def test_standardised_values_come_back():
    target = Values(np.array([[1.0, 5], [2, 5], [6, 5]]), ("a", "b"))
    scaled, back = standardised(target, None)
    assert scaled.values[:, 0].mean() == pytest.approx(0)
    assert scaled.values[:, 0].std() == pytest.approx(1)
    assert scaled.values[:, 1].tolist() == [0, 0, 0]  # a constant has no deviation
    np.testing.assert_allclose(back(scaled.values, None), target.values)


def test_values_with_a_start_are_learned_as_changes_from_it():
    frame = pandas.DataFrame({"before": [10.0, 20, 30]})
    target = Values(np.array([[11.0], [22], [33]]), ("now",), "before")
    scaled, back = standardised(target, frame)
    np.testing.assert_allclose(scaled.values[:, 0], np.array([-1, 0, 1]) * np.sqrt(1.5))
    new = pandas.DataFrame({"before": [100.0]})
    np.testing.assert_allclose(back(np.zeros((1, 1)), new), [[102]])  # and the mean change
    np.testing.assert_allclose(back(scaled.values, frame), target.values)


def test_a_blend_of_values_weighs_the_better_member_more():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(400, 1))
    votes = np.stack([values + rng.normal(size=values.shape) * s for s in (0.3, 0.6, 5.0)])
    rule = blend_rule(votes, values[:, 0])
    weights = [rule(np.eye(3)[k][:, None, None])[0, 0] for k in range(3)]
    assert sum(weights) == pytest.approx(1)
    assert weights[0] == pytest.approx(0.8, abs=0.05)  # by their variances: 0.79, 0.20, 0.00
    assert weights[2] <= 0.02


def test_weights_are_learned_inside_the_folds(homes):
    members = tuple(dataclasses.replace(RECIPE.members[0], weight=weight) for weight in (1.0, 2.0))
    recipe = Recipe(members=members, combine="weights", folds=3)
    challenge = load_challenge("data")
    fold = spread_folds(challenge.target, 3, np.random.default_rng(0))
    found = pipeline.cross_validate(challenge, recipe, fold, Workers())
    np.testing.assert_allclose(found.votes, found.members[0], rtol=1e-5)  # they are the same twice
