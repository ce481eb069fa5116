"""Votes as a submission has them, in plain NumPy."""

import numpy as np

from rosenblatt.export.twins.parts import Part, twin

MOST_LOG = 69.0  # the logarithm of the largest value that is answered


def shares(votes: np.ndarray) -> np.ndarray:
    """Return votes [n, K] as probabilities."""
    return votes / np.maximum(votes.sum(1, keepdims=True), 1e-12)


@twin("answers.labels")
def labels(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the name of the class with the most votes, the first of equal ones."""
    return [[model.names[place]] for place in votes.argmax(1)]


@twin("answers.labels_margin")
def labels_margin(part: Part, model: Part, votes: np.ndarray) -> np.ndarray:
    """Return how far apart the shares of the two best classes of each row are."""
    best = np.sort(shares(votes), 1)
    return best[:, -1] - best[:, -2]


@twin("answers.cut")
def cut(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the class that the mean place of the votes falls to, between cuts."""
    places = np.searchsorted(model.cuts, mean_place(votes), side="right")
    return [[model.names[place]] for place in places]


@twin("answers.cut_margin")
def cut_margin(part: Part, model: Part, votes: np.ndarray) -> np.ndarray:
    """Return how far the mean place of the votes of each row is from the nearest cut."""
    return np.abs(mean_place(votes)[:, None] - np.array(model.cuts)).min(1)


def mean_place(votes: np.ndarray) -> np.ndarray:
    return (votes * np.arange(votes.shape[1])).sum(1) / np.maximum(votes.sum(1), 1e-12)


@twin("answers.second")
def second(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the probability of the second of two classes."""
    return [[repr(float(share))] for share in shares(votes)[:, 1]]


@twin("answers.values")
def values(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the values, of which the submission may have several columns."""
    places = [place for _, place in model.class_columns] or [0]
    return [[repr(float(value)) for value in row] for row in votes[:, places]]


@twin("answers.log_values")
def log_values(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the values y, of which log(1 + y) was learned, from 0 on."""
    return values(part, model, np.maximum(np.exp(np.minimum(votes, MOST_LOG)) - 1, 0))


@twin("answers.columns")
def columns(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the probability of each class that the submission has a column for."""
    found = shares(votes)[:, [place for _, place in model.class_columns]]
    return [[repr(float(share)) for share in row] for row in found]
