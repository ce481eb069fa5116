"""Our trees beside scikit-learn's, where it is installed: as good on rows not learned from."""

import numpy as np
import pytest

pytest.importorskip("sklearn", minversion="1.6", reason="scikit-learn is not installed")

from sklearn.datasets import make_classification, make_friedman1
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from rosenblatt import classic

BOOSTED = {"rounds": 60, "rate": 0.1, "leaves": 15, "l2": 0.0, "least_rows": 20}
WHOLE = {"rows": 1.0, "columns": 1.0}
THEIRS = {"max_iter": 60, "learning_rate": 0.1, "max_leaf_nodes": 15, "early_stopping": False}


def values():
    return make_friedman1(3000, 12, noise=1.0, random_state=0)


def labels(classes=3):
    return make_classification(
        3000, 12, n_informative=6, n_classes=classes, flip_y=0.05, random_state=1
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "data"),
    [
        (classic.BoostedTreesRegressor(**BOOSTED, **WHOLE), HistGradientBoostingRegressor(**THEIRS),
         values()),
        (classic.BoostedTreesClassifier(**BOOSTED, **WHOLE),
         HistGradientBoostingClassifier(**THEIRS), labels()),
        (classic.RandomForestRegressor(columns=1 / 3),
         RandomForestRegressor(200, min_samples_leaf=5, max_features=1 / 3, random_state=0),
         values()),
        (classic.RandomForestClassifier(), RandomForestClassifier(200, random_state=0), labels(2)),
    ],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_held_rows_are_told_as_well(ours, theirs, data):
    x, y = data
    x[::9, 3] = np.nan  # where theirs go is learned too
    score = [one.fit(x[:2000], y[:2000]).score(x[2000:], y[2000:]) for one in (ours, theirs)]
    assert score[0] > score[1] - 0.015
    assert score[0] > 0.75
