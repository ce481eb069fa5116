"""Votes as a submission has them, in plain NumPy."""

import numpy as np

from rosenblatt.export.twins.parts import Part, twin


def shares(votes: np.ndarray) -> np.ndarray:
    """Return votes [n, K] as probabilities."""
    return votes / np.maximum(votes.sum(1, keepdims=True), 1e-12)


@twin("answers.labels")
def labels(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the name of the class with the most votes, the first of equal ones."""
    return [[model.names[place]] for place in votes.argmax(1)]


@twin("answers.cut")
def cut(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the class that the mean place of the votes falls to, between cuts."""
    places = (votes * np.arange(votes.shape[1])).sum(1) / np.maximum(votes.sum(1), 1e-12)
    return [[model.names[place]] for place in np.searchsorted(model.cuts, places, side="right")]


@twin("answers.second")
def second(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the probability of the second of two classes."""
    return [[repr(float(share))] for share in shares(votes)[:, 1]]


@twin("answers.columns")
def columns(part: Part, model: Part, votes: np.ndarray) -> list:
    """Return the probability of each class that the submission has a column for."""
    found = shares(votes)[:, [place for _, place in model.class_columns]]
    return [[repr(float(share)) for share in row] for row in found]
