"""From members' votes to the answers that a metric wants: labels, scores, probabilities, values.

What is learned of cuts comes from rows whose votes are of models that never saw them, or it
flatters.
"""

from collections.abc import Sequence

import numpy as np

from rosenblatt.arrays import check_count, check_numbers
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementwise import exp
from rosenblatt.metrics.base import Metric, check_classes

MOST = 1000  # places where a cut is tried
ROUNDS = 10
MOST_LOG = 69.0  # the logarithm of the largest value that metrics take

Cuts = tuple[float, ...]  # rising, between places of classes; of two classes, the threshold


def decide(votes: np.ndarray, cuts: Cuts | None = None) -> np.ndarray:
    """Return the classes [N] that votes [N, K], numbers from 0, decide for.

    Without cuts, the one with the most, ties to the first. With them: the mean place of the votes
    is rounded, up at each of the K - 1 cuts that it reaches.
    """
    if cuts is None:
        return votes.argmax(1)
    return np.searchsorted(cuts, _places(votes), side="right")


def answer(metric: Metric, votes: np.ndarray, cuts: Cuts | None = None) -> np.ndarray:
    """Return votes [N, K] in the form that a metric wants; cuts: as in decide.

    Values [N, T] come back from what was learned of them: for a metric that compares log(1 + y),
    of at least 0. One column is [N].
    """
    if metric.wants == "labels":
        return decide(votes, cuts)
    if metric.wants == "values":
        votes = np.asarray(votes, np.float64)
        found = np.maximum(exp(np.minimum(votes, MOST_LOG)) - 1, 0) if metric.log else votes
        return found[:, 0] if found.shape[1] == 1 else found
    return shares(votes)[:, 1] if metric.wants == "scores" else shares(votes)


def shares(votes: np.ndarray) -> np.ndarray:
    """Return votes [N, K] as probabilities, each row adding up to 1."""
    return votes / np.maximum(votes.sum(1, keepdims=True), 1e-12)


def answer_held(
    metric: Metric, truth: np.ndarray, votes: np.ndarray, fold: np.ndarray
) -> np.ndarray:
    """Return the answers to rows that no model saw, [N] or [N, K].

    Each fold's are decided by cuts that are the best on the votes of all other folds.
    """
    found = answer(metric, votes)
    if not needs_cuts(metric, votes.shape[1]):
        return found
    for k in np.unique(fold):
        held = fold == k
        if not held.all():
            found[held] = decide(votes[held], cuts_for(metric, truth[~held], votes[~held]))
    return found


def classes_held(
    metric: Metric, truth: np.ndarray, votes: np.ndarray, fold: np.ndarray
) -> np.ndarray:
    """Return the classes [N] said of rows that no model saw: as answered, else the most votes."""
    if metric.wants == "labels":
        return answer_held(metric, truth, votes, fold)
    return votes.argmax(1)


def needs_cuts(metric: Metric, classes: int) -> bool:
    """Say whether other cuts than the plain ones may serve a metric of so many classes."""
    if metric.wants != "labels" or metric.name == "accuracy":
        return False
    return classes == 2 or metric.name == "quadratic_kappa"


def cuts_for(metric: Metric, truth: np.ndarray, votes: np.ndarray) -> Cuts | None:
    """Return the cuts with which `metric` is best on rows of classes truth [N], votes [N, K].

    None where the most votes decide: for accuracy; for other forms than labels; and for more than
    two classes, unless their order counts. Each cut in turn is tried halfway between votes, up to
    MOST of them, and beyond both ends, until none gets better; ties to the plain rounding.
    Raises UserError where the metric does, or truth and votes do not fit.
    """
    votes = check_numbers(votes, "N K", "votes", np.float64)
    truth = check_classes(truth, "truth")
    check_count(votes, len(truth), "rows of votes", "labels")
    classes = votes.shape[1]
    if truth.max() >= classes:
        raise UserError(f"class {truth.max()} has no vote: there are {classes} columns.")
    if not needs_cuts(metric, classes):
        return None
    places = _places(votes)
    edges = _edges(places, np.arange(classes - 1) + 0.5)
    counts = np.zeros((classes, len(edges) + 2), np.int64)  # true class, and edges passed, from 1
    np.add.at(counts, (truth, np.searchsorted(edges, places, side="right") + 1), 1)
    best = _climb(metric, counts.cumsum(1), np.searchsorted(edges, np.arange(classes - 1) + 0.5))
    return tuple(float(edges[edge]) for edge in best)


def _climb(metric: Metric, passed: np.ndarray, plain: np.ndarray) -> list[int]:
    """Return the best edges to cut at, from the plain ones on; passed as in _value."""
    best = plain.tolist()
    gain = metric.gain(_value(metric, passed, best))
    for _ in range(ROUNDS):
        before = list(best)
        for cut, middle in enumerate(plain):
            low = best[cut - 1] if cut else 0
            high = best[cut + 1] + 1 if cut + 1 < len(best) else passed.shape[1] - 2
            for edge in sorted(range(low, high), key=lambda edge, m=middle: abs(edge - m)):  # type: ignore[misc]
                moved = [*best[:cut], edge, *best[cut + 1 :]]
                new = metric.gain(_value(metric, passed, moved))
                if new > gain + 1e-12:
                    best, gain = moved, new
        if best == before:
            break
    return best


def _places(votes: np.ndarray) -> np.ndarray:
    """Return the mean place of votes [N, K], from 0 to K - 1."""
    total, weighted = np.zeros(len(votes)), np.zeros(len(votes))
    for place, column in enumerate(votes.T):
        total += column
        weighted += place * column
    return weighted / np.maximum(total, 1e-12)


def _edges(places: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Return where cuts are tried: halfway between places, beyond both ends, and the plain ones."""
    known = np.unique(places)
    ends = known[0], np.nextafter(known[-1], np.inf)  # all reach the first, none the last
    if len(known) > MOST:
        known = np.unique(np.sort(places)[np.linspace(0, len(places) - 1, MOST).astype(np.int64)])
    return np.unique(np.concatenate([ends, (known[1:] + known[:-1]) / 2, plain]))


def _value(metric: Metric, passed: np.ndarray, cuts: Sequence[int]) -> float:
    """Return the metric of cuts at some edges; passed [K, edges + 2]: rows below each, by class."""
    ends = [0, *(edge + 1 for edge in cuts), passed.shape[1] - 1]
    counts = passed[:, ends[1:]] - passed[:, ends[:-1]]
    truth, predicted = np.nonzero(counts)
    return metric(truth, predicted, counts[truth, predicted])
