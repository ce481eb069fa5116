"""Lines of error against training rows: sizes join, and evaluations of the same data stand by."""

import pytest

from rosenblatt.report.tradeoffs import lines


def curve(rows, accuracy, recipe="digits"):
    points = [{"rows": rows, "accuracy": accuracy, "standard_error": 0.01}]
    return {
        "command": "curve",
        "recipe": recipe,
        "data_digest": "ab",
        "held": 1200,
        "points": points,
    }


def test_sizes_measured_apart_join_by_the_name_of_the_recipe():
    found = lines([curve(300, 0.9), curve(1000, 0.95), curve(300, 0.8, "kernels")])
    assert list(found) == ["digits (1,200 rows held out)", "kernels (1,200 rows held out)"]
    assert [point[0] for point in found["digits (1,200 rows held out)"]] == [300, 1000]
    assert found["kernels (1,200 rows held out)"] == [(300, pytest.approx(20), 1.0)]


def test_an_evaluation_of_the_same_data_stands_at_the_rows_of_its_trainings():
    scored = {"mean": 0.99, "standard_error": 0.002, "folds": [0.989, 0.991]}
    evaluation = {
        "command": "evaluate",
        "recipe": "many",
        "data_digest": "ab",
        "rows": 400,  # of 1,000, in two of five folds
        "folds": 5,
        "first": 2,
        "ensemble": scored,
    }
    found = lines([curve(300, 0.9), evaluation, evaluation | {"data_digest": "cd"}])
    assert found["many (cross-validated)"] == [(800, pytest.approx(1.0), pytest.approx(0.2))]
