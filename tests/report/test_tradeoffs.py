"""Figures of results: what joins to a line of error against rows, and names that stay apart."""

from itertools import combinations

import pytest
from matplotlib.figure import Figure

from rosenblatt.report.labels import name_points
from rosenblatt.report.tradeoffs import lines


def curve(rows, accuracy, recipe="digits"):
    points = [{"rows": rows, "score": accuracy, "standard_error": 0.01}]
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
    again = lines([curve(300, 0.9), evaluation, evaluation])
    assert len(again["many (cross-validated)"]) == 2  # none is lost where two have one name


def test_names_of_points_that_crowd_do_not_overlap():
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    points = [(1.0, 1.0, "first"), (1.02, 1.0, "second"), (1.0, 1.02, "third"), (9.0, 9.0, "last")]
    axes.plot([x for x, _, _ in points], [y for _, y, _ in points], "o", label="all of them")
    axes.legend()
    name_points(axes, [(*point, "black") for point in points])
    figure.draw_without_rendering()
    written = [text for text in axes.texts if text.get_text()]  # those without lead to points
    boxes = [text.get_window_extent() for text in written]
    assert [text.get_text() for text in written] == ["first", "third", "second", "last"]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(axes.bbox.x0 < box.x0 and box.x1 < axes.bbox.x1 for box in boxes)
