"""Multiple-kernel learning: an SVM and the weights of its kernels at once."""

from collections.abc import Sequence

import numpy as np

from rosenblatt.classic.svm import SVM
from rosenblatt.features.combination import check_grams
from rosenblatt.features.gram import products
from rosenblatt.ranges import POSITIVE, check_value

GAP = 1e-2  # of the duality gap, relative: SimpleMKL's own
ROUNDS = 100


def mkl_weights(grams: Sequence[np.ndarray], y: np.ndarray, cost: float = 1.0) -> np.ndarray:
    """Return weights [P] from 0 on, adding up to 1, of Gram matrices [N, N], best for an SVM.

    They minimise over d the maximum over b of the dual objective sum |b| - b' (sum d_k K_k) b / 2,
    which makes most of them 0 (Rakotomamonjy, Bach, Canu & Grandvalet 2008, "SimpleMKL", equation
    10), by turns: an SVM for the weights at hand, then d_k proportional to |w_k| = d_k sqrt(b' K_k
    b), in closed form (Xu, Jin, Yang, King & Lyu 2010, equation 7). The end is where the gap, the
    largest b' K_k b over its mean under d, is closed to 1 %. y: labels of any kind; of more than
    two classes the machines, each against the rest, share the weights. Raises UserError as SVM.fit,
    or where the matrices are not all of one shape.
    """
    check_value("cost", cost, POSITIVE)
    grams = check_grams(grams)
    weights = np.full(len(grams), 1 / len(grams))
    for _ in range(ROUNDS):
        total = np.zeros_like(grams[0])
        for weight, gram in zip(weights, grams, strict=True):
            total += np.float32(weight) * gram
        machine = SVM("precomputed", cost=cost, strategy="one_versus_rest").fit(total, y)
        squares = np.array([_square(machine, gram) for gram in grams])
        if squares.max() <= (1 + GAP) * (weights * squares).sum():
            break
        lengths = weights * np.sqrt(np.maximum(squares, 0))
        weights = lengths / lengths.sum()
    return weights


def _square(machine: SVM, gram: np.ndarray) -> float:
    """Return b' K b, added up over the machines."""
    inside = np.ascontiguousarray(gram[np.ix_(machine.support_, machine.support_)])
    image = np.empty_like(machine.dual_coef_)
    products(machine.dual_coef_, inside, image)
    return float((machine.dual_coef_.astype(np.float64) * image).sum())
