"""What a model goes by: how much worse it is without a column, and what it says along one.

Both ask the model about rows with one column's cells exchanged for those of other rows, so that
they are right for any model, and cells stay what cells of that column can be. For columns that tell
the same, either stands in for the other, and both seem to matter less.
"""

from typing import Any

import numpy as np

from rosenblatt.arrays import is_frame
from rosenblatt.metrics import Metric

STEPS = 12  # along a column, at most


def columns_of(samples: Any) -> list[Any]:
    """Return the names of the columns of a DataFrame, or the places of those of numbers [N, D]."""
    return list(samples.columns) if is_frame(samples) else list(range(samples.shape[1]))


def exchanged(samples: Any, column: Any, cells: Any, rows: np.ndarray) -> Any:
    """Return samples whose cells of a column are those that `cells`, of the same form, has in rows.

    samples: n rows, a DataFrame or numbers [n, D]; rows [n].
    """
    samples = samples.copy()
    if is_frame(samples):
        samples[column] = cells[column].iloc[rows].array
    else:
        samples[:, column] = cells[rows, column]
    return samples


def permutation_importance(
    metric: Metric, truth: np.ndarray, plain: np.ndarray, permuted: np.ndarray
) -> np.ndarray:
    """Return how much of the metric is lost as a column is permuted, [D, R]; more is worse.

    truth [n]; plain [n, ...]: answers to the rows; permuted [D, R, n, ...]: answers as each of D
    columns was permuted R times (Breiman 2001, "Random forests", section 10). Raises UserError as
    the metric.
    """
    before = metric.gain(metric(truth, plain))
    return np.array([
        [before - metric.gain(metric(truth, answers)) for answers in of_column]
        for of_column in permuted
    ])  # fmt: skip


def steps_along(samples: Any, column: Any) -> np.ndarray:
    """Return rows [s] whose cells are steps along a column: its levels, or quantiles of numbers.

    Of more than 12 levels, the most frequent; rows where it is missing are left out. A text has no
    steps.
    """
    cells = samples[column] if is_frame(samples) else samples[:, column]
    if hasattr(cells, "cat"):
        codes = cells.cat.codes.to_numpy()
        levels, first, counts = np.unique(codes, return_index=True, return_counts=True)
        kept = np.argsort(-counts * (levels >= 0), kind="stable")[:STEPS]
        return first[np.sort(kept[levels[kept] >= 0])]
    cells = np.asarray(cells)
    if cells.dtype.kind not in "fM":
        return np.zeros(0, np.int64)
    numbers, known = cells.astype(np.float64), np.flatnonzero(cells == cells)
    order = known[np.argsort(numbers[known], kind="stable")]
    if not len(order):
        return order
    at = order[np.linspace(0, len(order) - 1, min(STEPS, len(order))).astype(np.int64)]
    return at[np.unique(numbers[at], return_index=True)[1]]


def partial_dependence(votes: np.ndarray) -> np.ndarray:
    """Return the mean vote [s, K] at each of s steps; votes [s, n, K] of the same n rows.

    Friedman 2001, "Greedy function approximation", equation 53: others are averaged over.
    """
    return votes.mean(1)
