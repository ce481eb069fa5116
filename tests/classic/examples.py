"""One small problem for every estimator, and what each is asked."""

from typing import Any

import numpy as np

from rosenblatt import classic

ESTIMATORS = [getattr(classic, name) for name in classic.__all__ if name != "VirtualSVM"]
CLASSIFIERS = [make for make in ESTIMATORS if make.kind == "classifier"]
WEIGHTED = (
    classic.KernelLogisticRegression, classic.KernelRidgeRegressor, classic.KernelRidge,
    classic.LogisticRegression, classic.NaiveBayes, classic.RidgeRegressor,
)  # fmt: skip
TREES = (
    classic.BoostedTreesClassifier, classic.BoostedTreesRegressor,
    classic.RandomForestClassifier, classic.RandomForestRegressor,
)  # fmt: skip
R = np.random.default_rng(5)
X = R.random((21, 3)).astype(np.float32)
NEW = R.random((6, 3)).astype(np.float32)
LABELS = np.array(["u", "v", "w"])[np.arange(21) % 3]
VALUES = X @ np.array([1.0, -2.0, 0.5]) + 3


def targets(make: Any) -> np.ndarray:
    """Return what an estimator is to learn of X."""
    return VALUES if make.kind == "regressor" else LABELS


def answer(estimator: Any, x: Any) -> np.ndarray:
    """Return what tells most of what an estimator learned: scores, values or features."""
    ask = {"classifier": "decision_function", "regressor": "predict", "transformer": "transform"}
    return getattr(estimator, ask[estimator.kind])(x)


class Frame:
    """As much of a DataFrame as an estimator may use: columns, and each by its name."""

    def __init__(self, columns: dict[Any, Any]) -> None:
        self.held = columns
        self.columns = list(columns)

    def __getitem__(self, name: Any) -> Any:
        return self.held[name]

    def __len__(self) -> int:
        return len(next(iter(self.held.values())))


def frame(x: np.ndarray, names: str = "abc") -> Frame:
    """Return the columns of x by the names a, b and c, in the order of `names`."""
    return Frame({name: x[:, "abc".index(name)] for name in names})
