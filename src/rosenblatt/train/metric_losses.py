"""Losses of metric learning: what is alike comes near, what is not goes away.

Both see embeddings [N, D] through their squared distances alone, and return, as every loss, a mean
and its gradient with respect to the embeddings.
"""

import numpy as np

from rosenblatt.arrays import check_axes
from rosenblatt.classic.inputs import label_array
from rosenblatt.errors import UserError
from rosenblatt.ranges import Real, check_value
from rosenblatt.train.losses import as_outputs

MARGIN = Real(0, 1e6)
QUIET = np.errstate(over="ignore", invalid="ignore")  # of what is no number, the loss is none


def _checked(
    embeddings: np.ndarray, labels: np.ndarray, margin: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return embeddings [N, D] and labels [N] of two rows or more. Raises UserError."""
    check_value("margin", margin, MARGIN)
    embeddings, labels = as_outputs(embeddings), label_array(labels)
    check_axes(embeddings, "N D", "embeddings")
    if labels.shape != embeddings.shape[:1] or len(labels) < 2:
        raise UserError(
            f"labels of shape {labels.shape} for embeddings of shape {embeddings.shape}; give two "
            "rows at least, and one label for each."
        )
    return embeddings, labels


def squared_distances(embeddings: np.ndarray) -> np.ndarray:
    """Return |e_i - e_j|^2 of embeddings [N, D] as [N, N]."""
    gaps = embeddings[:, None] - embeddings[None]
    return np.square(gaps).sum(2)


def _to_embeddings(embeddings: np.ndarray, d_distances: np.ndarray) -> np.ndarray:
    """Return d_e_i = 2 sum over j of (d_ij + d_ji) (e_i - e_j)."""
    both = d_distances + d_distances.T
    gaps = embeddings[:, None] - embeddings[None]
    return (2 * (both[:, :, None] * gaps).sum(1)).astype(embeddings.dtype)


@QUIET
def contrastive(
    embeddings: np.ndarray, labels: np.ndarray, margin: float = 1.0
) -> tuple[float, np.ndarray]:
    """Return the mean over all pairs of a batch of d^2, or of max(0, margin - d)^2, halved.

    The first for pairs of one label, the second for others; d is the distance of the embeddings
    [N, D]; labels [N] (Hadsell, Chopra & LeCun 2006, equation 4).
    """
    embeddings, labels = _checked(embeddings, labels, margin)
    squares = squared_distances(embeddings)
    same = labels[:, None] == labels[None]
    pairs = np.triu(np.ones_like(same), 1)
    distance = np.sqrt(np.maximum(squares, 1e-12))
    short = np.where(same, 0.0, np.maximum(0.0, margin - distance))
    count = max(int(pairs.sum()), 1)
    terms = np.where(same, squares, short**2) / 2
    d_squares = np.where(same, 0.5, -short / (2 * distance)) * pairs / count
    return float((terms * pairs).sum()) / count, _to_embeddings(embeddings, d_squares)


@QUIET
def triplet(
    embeddings: np.ndarray, labels: np.ndarray, margin: float = 0.2
) -> tuple[float, np.ndarray]:
    """Return the mean of max(0, d(a, p)^2 - d(a, n)^2 + margin) over the triplets that are above 0.

    Anchors a and p share a label, n has another; all triplets of the batch are looked at
    (Schroff et al. 2015, equation 3). embeddings [N, D], labels [N].
    """
    embeddings, labels = _checked(embeddings, labels, margin)
    squares = squared_distances(embeddings)
    same = labels[:, None] == labels[None]
    valid = (same & ~np.eye(len(labels), dtype=bool))[:, :, None] & ~same[:, None]
    excess = squares[:, :, None] - squares[:, None] + margin
    active = valid & (excess > 0)
    count = max(int(active.sum()), 1)
    d_squares = (active.sum(2) - active.sum(1)) / count
    return float(excess[active].sum()) / count, _to_embeddings(embeddings, d_squares)
