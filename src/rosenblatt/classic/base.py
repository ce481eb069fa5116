"""What every estimator is: scikit-learn's contract, kept without it.

A subclass is a dataclass without equality (`@dataclass(eq=False)`), whose fields are its parameters
and whose constructor so keeps its arguments and nothing else. `settings` tells their ranges, which
`fit` checks; `_fit` learns from arrays that were checked. What is learned ends in an underscore.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.arrays import check_vectors, tell_merged
from rosenblatt.classic import store
from rosenblatt.classic.frames import as_learned, as_table, column_names
from rosenblatt.classic.inputs import (
    as_values,
    check_fitted,
    check_groups,
    check_weights,
    decide,
    encode_labels,
    label_array,
)
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.sums import sum_of_squares, total
from rosenblatt.ranges import Range, check_settings
from rosenblatt.shown import as_html


class Estimator(Kept):
    """Parameters by name, columns by name, and a file.

    Learned by all: n_features_in_, the number of columns, and feature_names_in_, their names, where
    the samples were a DataFrame whose columns have texts for names.
    """

    settings: ClassVar[Mapping[str, Range]] = {}
    axes: ClassVar[Mapping[str, str]] = {}  # dtype and axes of arrays learned: "float32 K D"
    allows_missing: ClassVar[bool] = False  # NaN among samples
    counts: ClassVar[bool] = False  # numbers below 0 are refused
    kind: ClassVar[str]
    n_features_in_: int
    feature_names_in_: np.ndarray
    _fit: Callable[..., None]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name; none has parameters of its own that `deep` would add."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def set_params(self, **params: Any) -> Self:
        """Change parameters by name; fit checks their values. Raises UserError for other names."""
        known = self.get_params()
        for name in params:
            if name not in known:
                raise UserError(
                    f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(known)}."
                )
        vars(self).update(params)
        return self

    def _repr_html_(self) -> str:
        learned = getattr(self, "n_features_in_", None)
        state = "not fitted" if learned is None else f"fitted on {learned} columns"
        return as_html(f"{type(self).__name__}, {state}", self.get_params().items())

    def save(self, path: Path | str) -> None:
        """Write the estimator to one file, without pickle. Raises UserError as store.save."""
        store.save(self, path)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Return the estimator that `save` wrote. Raises UserError as store.load."""
        return store.load(path, cls)  # type: ignore[return-value]

    def to_keep(self) -> dict[str, Any]:
        """Return parameters and what was learned, by name."""
        return dict(sorted(vars(self).items()))

    @classmethod
    def from_kept(cls, parts: dict[str, Any]) -> Self:
        """Return an estimator of such parts. Raises as store.filled."""
        return store.filled(cls, parts)  # type: ignore[no-any-return]

    def _learn(self, X: Any, y: Any, *weights: Any, groups: Any = None) -> Self:
        """Learn from samples and what is known of them; what was learned before is forgotten.

        groups: [N] whole numbers, equal where folds inside may not part rows.
        All is checked before that, so that a fit that is refused loses nothing.
        """
        check_settings(self)
        names = column_names(X)
        x = self._checked(table := as_table(X))
        tell_merged(table, x)
        targets, learned = self._targets(y, len(x))
        given = [None if some is None else check_weights(some, len(x)) for some in weights]
        kept = {} if groups is None else {"groups": check_groups(groups, len(x))}
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)
        vars(self).update(learned)
        self._fit(x, *targets, *given, **kept)
        if names is not None:
            self.feature_names_in_ = np.array(names)
        self.n_features_in_ = x[0].size
        return self

    def _check_restored(self) -> None:
        """Raise ValueError where what a file told, of the right axes, would mislead a kernel."""

    def _rows(self, x: np.ndarray) -> np.ndarray:
        """Return samples [N, D] float32. Raises UserError as check_vectors."""
        return check_vectors(x)

    def _checked(self, x: np.ndarray) -> np.ndarray:
        """Return the samples to learn from, where more is asked of these."""
        return self._rows(x)

    def _targets(self, y: Any, count: int) -> tuple[tuple[np.ndarray, ...], dict[str, Any]]:
        """Return what `_fit` is given beside the samples, and what is learned of y alone."""
        return (), {}

    def _asked(self, X: Any) -> np.ndarray:
        """Return samples to answer for. Raises UserError as check_fitted, as_learned and _rows."""
        check_fitted(self, "n_features_in_")
        names = self.feature_names_in_.tolist() if hasattr(self, "feature_names_in_") else None
        return self._rows(as_learned(X, names, self.n_features_in_, type(self).__name__))

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn wants to know; it alone asks, and so is loaded already."""
        tags = sys.modules["sklearn.utils"]
        kind, learns = self.kind, self.kind != "transformer"
        own: dict[str, Any] = {} if learns else {"preserves_dtype": ["float32"]}
        own |= {"poor_score": self.counts} if kind == "classifier" else {}
        return tags.Tags(
            estimator_type=kind,
            target_tags=tags.TargetTags(required=learns, multi_output=kind == "regressor"),
            input_tags=tags.InputTags(
                pairwise=getattr(self, "kernel", None) == "precomputed",
                allow_nan=self.allows_missing,
                positive_only=self.counts,
            ),
            **{f"{kind}_tags": getattr(tags, f"{kind.title()}Tags")(**own)},
        )


class Classifier(Estimator):
    """Tells classes apart. Learned: classes_ [K], the labels in order."""

    kind = "classifier"
    classes_: np.ndarray
    decision_function: Callable[[Any], np.ndarray]

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from samples X [N, D], or a DataFrame, and labels y [N]: texts or whole numbers.

        Raises UserError as check_settings, check_vectors and encode_labels.
        """
        return self._learn(X, y)

    def predict(self, X: Any) -> np.ndarray:
        """Return the label of each row of X [M, D]. Raises UserError as decision_function."""
        return decide(self.decision_function(X), self.classes_)

    def score(self, X: Any, y: Any) -> float:
        """Return the share of rows of X [M, D] whose label [M] is predicted."""
        predicted = self.predict(X)
        labels = label_array(y)
        if labels.size != len(predicted):
            raise UserError(f"there are {labels.size} labels for {len(predicted)} samples.")
        return int((predicted == labels.reshape(-1)).sum()) / len(predicted)

    def _targets(self, y: Any, count: int) -> tuple[tuple[np.ndarray, ...], dict[str, Any]]:
        classes, labels = encode_labels(y, count)
        return (labels,), {"classes_": classes}


class Regressor(Estimator):
    """Predicts values, one or several a row; a subclass says by `_values` what [M, T].

    Learned: one_target_, whether y was [N] and not [N, T].
    """

    kind = "regressor"
    _values: Callable[[np.ndarray], np.ndarray]
    one_target_: bool

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from samples X [N, D], or a DataFrame, and values y [N] or [N, T].

        Raises UserError as check_settings, check_vectors and check_numbers.
        """
        return self._learn(X, y)

    def predict(self, X: Any) -> np.ndarray:
        """Return the values of each row of X [M, D], [M] or [M, T] as y was, float64."""
        values = self._values(self._asked(X)).astype(np.float64)
        return values[:, 0] if self.one_target_ else values

    def score(self, X: Any, y: Any) -> float:
        """Return R^2 of the values [M] or [M, T] of rows of X [M, D]. Raises as determination."""
        predicted = self.predict(X)
        values = self._targets(y, len(predicted))[0][0]
        if values.size != predicted.size:
            raise UserError(f"values of shape {values.shape}; give {predicted.shape}.")
        return determination(predicted.reshape(values.shape), values)

    def _targets(self, y: Any, count: int) -> tuple[tuple[np.ndarray, ...], dict[str, Any]]:
        values, flat = as_values(y, count)
        return (values,), {"one_target_": flat}


class Transformer(Estimator):
    """Turns samples into others; a subclass has `transform`."""

    kind = "transformer"
    transform: Callable[[Any], np.ndarray]

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame; y is not used.

        Raises UserError as check_settings and check_vectors.
        """
        return self._learn(X, y)

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Return transform(X) after fit(X)."""
        return self.fit(X, y).transform(X)


def determination(predicted: np.ndarray, values: np.ndarray) -> float:
    """Return the mean over targets of R^2 = 1 - sum (y - predicted)^2 / sum (y - mean)^2.

    Both [N, ...] of one shape, float64. Raises UserError where all values of a target are equal.
    """
    predicted, values = (a.reshape(len(a), -1) for a in (predicted, values))
    shares = []
    for said, true in zip(predicted.T, values.T, strict=True):
        true = np.ascontiguousarray(true)
        if np.ptp(true) == 0:  # their computed mean may be another number
            raise UserError("all values are equal: R^2 is not defined; score other rows.")
        spread = sum_of_squares(true - total(true) / len(true))
        shares.append(1.0 - sum_of_squares(np.ascontiguousarray(said - true)) / spread)
    return sum(shares) / len(shares)
