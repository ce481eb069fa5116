"""Each metric against its definition, and what has no metric is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.metrics import METRICS, confusion_matrix, find_metric
from tests.reference import metrics as reference


def some(metric, rows, rng):
    """Return truth and predictions of the form that a metric wants."""
    classes = 2 if metric.two else 4
    truth = np.r_[np.arange(classes), rng.integers(0, classes, rows)]
    if metric.wants == "labels":
        return truth, np.where(rng.random(len(truth)) < 0.5, truth, rng.integers(0, classes))
    if metric.wants == "scores":
        return truth, rng.integers(-3, 3, len(truth)) / 4 + truth / 2
    if metric.wants == "probabilities":
        shares = rng.random((len(truth), classes)) ** 3
        return truth, shares / shares.sum(1, keepdims=True)
    truth = rng.random(len(truth)) * 100
    return truth, truth * rng.uniform(0.5, 1.5, len(truth))


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(0, 40))
def test_a_metric_is_its_definition(name, seed, rows):
    metric, rng = METRICS[name], np.random.default_rng(seed)
    truth, predicted = some(metric, rows, rng)
    weights = rng.integers(1, 4, len(truth))
    twin = getattr(reference, name)
    plain = metric(truth, predicted)
    assert plain == pytest.approx(
        float(twin(truth.tolist(), predicted.tolist(), [1] * len(truth))), rel=1e-9, abs=1e-12
    )
    weighted = metric(truth, predicted, weights)
    assert weighted == pytest.approx(
        float(twin(truth.tolist(), predicted.tolist(), weights.tolist())), rel=1e-9, abs=1e-12
    )
    repeated = metric(np.repeat(truth, weights), np.repeat(predicted, weights, axis=0))
    assert weighted == pytest.approx(repeated, rel=1e-9, abs=1e-12)
    order = rng.permutation(len(truth))
    assert metric(truth[order], predicted[order]) == pytest.approx(plain, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_the_truth_itself_is_the_best(name):
    metric, rng = METRICS[name], np.random.default_rng(0)
    truth, predicted = some(metric, 20, rng)
    perfect = truth
    if metric.wants == "probabilities":
        perfect = np.eye(predicted.shape[1])[truth]
    elif metric.wants == "scores":
        perfect = truth.astype(float)
    best = metric(truth, perfect)
    assert best == pytest.approx(1 if metric.greater else 0, abs=1e-12)
    assert metric.gain(best) > metric.gain(metric(truth, predicted))


@pytest.mark.parametrize("name", [m.name for m in METRICS.values() if m.wants == "values"])
def test_of_several_targets_the_mean_is_taken(name):
    metric, rng = METRICS[name], np.random.default_rng(1)
    truth, predicted = rng.random((9, 3)), rng.random((9, 3))
    alone = [metric(truth[:, t], predicted[:, t]) for t in range(3)]
    assert metric(truth, predicted) == pytest.approx(np.mean(alone))


ONE = np.ones(4, int)
UNDEFINED = {
    "f1": (0 * ONE, 0 * ONE, "no F1"),
    "matthews": (ONE, np.array([0, 1, 0, 1]), "both"),
    "quadratic_kappa": (ONE, ONE, "several"),
    "auc": (ONE, ONE / 2, "rows of both"),
    "average_precision": (0 * ONE, ONE / 2, "rows of both"),
    "rmsle": (ONE, -ONE, "raise them to 0"),
    "r2": (ONE, ONE, "take rmse"),
    "log_loss": (ONE, np.full((4, 2), 0.7), "predict_proba"),
    "brier": (2 * ONE, np.full((4, 2), 0.5), "2 columns"),
}


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_is_undefined_is_refused_with_a_cure(name):
    truth, predicted, cure = UNDEFINED[name]
    with pytest.raises(UserError, match=cure):
        METRICS[name](truth, predicted)


def test_more_than_two_classes_have_metrics_of_their_own():
    with pytest.raises(UserError, match="take macro_f1"):
        METRICS["f1"](np.arange(3), np.arange(3))
    with pytest.raises(UserError, match="take log_loss"):
        METRICS["auc"](np.arange(3), np.zeros(3))


def test_one_prediction_for_all_says_nothing():
    assert METRICS["matthews"]([0, 1, 1], [1, 1, 1]) == 0
    assert METRICS["auc"]([0, 1, 1], [0.5] * 3) == 0.5


def test_weights_that_are_none_are_refused():
    for weights in ([1, 1], [0, 0, 0], [1, -1, 1], [1, np.nan, 1]):
        with pytest.raises(UserError, match="weight"):
            METRICS["accuracy"]([0, 1, 1], [0, 1, 0], weights)


def test_an_unknown_metric_is_refused_with_those_known():
    assert find_metric("rmse").title == "RMSE"
    with pytest.raises(UserError, match=r"'f2' is not known; known are accuracy, .* r2\."):
        find_metric("f2")


def test_a_confusion_matrix_counts_pairs():
    counts = confusion_matrix(np.array([1, 0, 0, 1]), np.array([1, 0, 1, 1]), 3)
    np.testing.assert_array_equal(counts, [[1, 1, 0], [0, 2, 0], [0, 0, 0]])
    with pytest.raises(UserError, match="class 3 is not one of 2"):
        confusion_matrix([3], [0], 2)
