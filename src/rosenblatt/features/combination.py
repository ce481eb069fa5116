"""Weights of a sum of kernels, learned from labels by alignment."""

from collections.abc import Sequence

import numpy as np

from rosenblatt.arrays import check_count, check_vectors, check_whole
from rosenblatt.errors import UserError
from rosenblatt.features.centring import Centring
from rosenblatt.kernels.core.dot import dot
from rosenblatt.ranges import Kind, check_value

TOLERANCE = 1e-10
ROUNDS = 10_000


def alignment_weights(grams: Sequence[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Return weights [P] from 0 on, adding up to 1, of Gram matrices [N, N].

    Their sum is best aligned with the labels' Gram matrix, whose numbers are 1 within a class and 0
    between, all matrices centred: the minimum over v >= 0 of v M v / 2 - a v, with M_kl =
    <K_k, K_l> and a_k = <K_k, Y> (Cortes, Mohri & Rostamizadeh 2012, proposition 9). labels: [N]
    class indices. Where no kernel is aligned with the labels the weights are equal. Raises
    UserError as check_grams, or where the labels are no class indices.
    """
    grams = check_grams(grams)
    labels = check_whole(labels, "N", 0, len(grams[0]) - 1, "labels")
    check_count(labels, len(grams[0]), "labels", "rows of a Gram matrix")
    target = (labels[:, None] == labels).astype(np.float32)
    centred = [Centring.fit(gram)(gram).reshape(-1) for gram in (*grams, target)]
    count = len(grams)
    inner = np.array([[dot(a, b) for b in centred] for a in centred])
    lengths = np.sqrt(np.maximum(np.diagonal(inner), 1e-300))
    cosines = inner / lengths[:, None] / lengths  # well scaled; undone below
    found = _least_squares(cosines[:count, :count], cosines[:count, count]) / lengths[:count]
    return found / found.sum() if found.sum() > 0 else np.full(count, 1 / count)


def check_grams(grams: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return Gram matrices [N, N] as float32. Raises UserError: none, or of several shapes."""
    check_value("grams", grams, Kind((list, tuple), "a list of Gram matrices"))
    checked = [check_vectors(gram, "Gram matrix") for gram in grams]
    shapes = {gram.shape for gram in checked}
    if len(shapes) != 1 or len(set(next(iter(shapes)))) != 1:
        raise UserError(
            f"Gram matrices of shapes {sorted(shapes)}; give one or more of the same [N, N]."
        )
    return checked


def _least_squares(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the minimum of v M v / 2 - right v over v >= 0, one number of v after another."""
    v = np.zeros(len(right))
    for _ in range(ROUNDS):
        before = v.copy()
        for k in range(len(v)):
            if matrix[k, k] > 0:
                v[k] = max(0.0, v[k] - (dot(matrix[k], v) - right[k]) / matrix[k, k])
        if np.abs(v - before).max() <= TOLERANCE * max(1.0, v.max()):
            break
    return v
