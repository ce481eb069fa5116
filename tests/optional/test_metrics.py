"""The metrics beside scikit-learn's, where it is installed (see test_scikit_learn)."""

# ruff: noqa: E402 (scikit-learn may be absent)
import numpy as np
import pytest

REASON = "scikit-learn is not installed: its metrics are no referee of ours"
pytest.importorskip("sklearn", minversion="1.7", reason=REASON)

from sklearn import metrics as referee

from rosenblatt.metrics import METRICS
from tests.metrics.test_metrics import some

TWINS = {
    "accuracy": referee.accuracy_score,
    "balanced_accuracy": referee.balanced_accuracy_score,
    "f1": referee.f1_score,
    "macro_f1": lambda *args, **named: referee.f1_score(*args, average="macro", **named),
    "matthews": referee.matthews_corrcoef,
    "quadratic_kappa": lambda *args, **named: referee.cohen_kappa_score(
        *args, weights="quadratic", **named
    ),
    "auc": referee.roc_auc_score,
    "average_precision": referee.average_precision_score,
    "log_loss": referee.log_loss,
    "brier": referee.brier_score_loss,
    "rmse": referee.root_mean_squared_error,
    "rmsle": referee.root_mean_squared_log_error,
    "mae": referee.mean_absolute_error,
    "r2": referee.r2_score,
}


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("seed", range(20))
def test_scikit_learn_says_the_same(name, seed):
    metric, rng = METRICS[name], np.random.default_rng(seed)
    truth, predicted = some(metric, 200, rng)
    weights = rng.random(len(truth))
    assert metric(truth, predicted) == pytest.approx(TWINS[name](truth, predicted), rel=1e-9)
    assert metric(truth, predicted, weights) == pytest.approx(
        TWINS[name](truth, predicted, sample_weight=weights), rel=1e-9
    )
