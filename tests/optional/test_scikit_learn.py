"""The estimators under scikit-learn's own checks and tools, where it is installed.

It is no part of the locked environment; in one of its own:

    pip install "scikit-learn>=1.6" pandas pytest
    PYTHONPATH=src python -m pytest tests/optional
"""

# ruff: noqa: E402 (scikit-learn may be absent)
import os
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # else a check is left out
REASON = "scikit-learn is not installed: its checks of our estimators are left out"
pytest.importorskip("sklearn", minversion="1.6", reason=REASON)

from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.metrics import RocCurveDisplay
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from rosenblatt import classic

ESTIMATORS = {name: getattr(classic, name) for name in classic.__all__}
IMAGES = ESTIMATORS.pop("VirtualSVM")  # learns from images, which no check has
CLASSIFIERS = [make for make in ESTIMATORS.values() if make.kind == "classifier"]
FAILS = {
    "check_estimators_unfitted": "asks for scikit-learn's own class; ours is one of the same name",
    "check_sample_weight_equivalence_on_dense_data": "the kernel's default width is that of the "
    "rows without weights, and scores are float32, which the check wants equal to seven digits; "
    "ridge regression leaves out a row with its whole weight, of repeated rows one",
    "check_decision_proba_consistency": "its rows hold numbers below 0, which counts have not",
}


@pytest.mark.filterwarnings("default")  # one check asks for a warning
@pytest.mark.parametrize("name", ESTIMATORS)
def test_scikit_learns_checks_pass_but_those_named(name):
    results = check_estimator(ESTIMATORS[name](), on_fail=None, on_skip=None)
    failed = {one["check_name"] for one in results if one["status"] == "failed"}
    assert failed <= FAILS.keys()
    assert not [one["check_name"] for one in results if one["status"] == "skipped"]
    assert len(failed) <= 2 < 40 < len(results)


def iris(classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    x, y = load_iris(return_X_y=True)
    return x[: 50 * classes], y[: 50 * classes]


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_cross_validation_clone_and_a_curve(make):
    x, y = iris()
    assert cross_val_score(make(), x, y, cv=3).mean() > 0.6
    fitted = make().fit(x, y)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "classes_")
    two_x, two_y = iris(2)
    assert RocCurveDisplay.from_estimator(make().fit(two_x, two_y), two_x, two_y).roc_auc > 0.9


def test_a_search_over_a_pipeline_and_a_gram_matrix():
    x, y = iris()
    whole: Any = make_pipeline(classic.KernelPCA(components=5), classic.LogisticRegression())
    grid = {"kernelpca__components": [1, 5], "logisticregression__penalty": [1e-4, 10.0]}
    search = GridSearchCV(whole, grid, cv=3).fit(x, y)
    assert search.best_params_["kernelpca__components"] == 5
    gram = (x @ x.T).astype(np.float32)  # folds take its rows and its columns
    scores = GridSearchCV(classic.SVM("precomputed"), {"cost": [0.1, 1.0]}, cv=3).fit(gram, y)
    assert scores.best_score_ > 0.9


def test_regression_with_several_targets():
    x, _ = iris()
    several = np.stack([x[:, 0], x[:, 1]], 1)
    folds = KFold(3, shuffle=True, random_state=0)
    assert cross_val_score(classic.KernelRidgeRegressor(), x[:, 2:], several, cv=folds).min() > 0.3
    search = GridSearchCV(classic.KernelRidgeRegressor(), {"penalty": [1e-3, 10.0]}, cv=folds)
    assert search.fit(x[:, 1:], x[:, 0]).best_params_ == {"penalty": 1e-3}
