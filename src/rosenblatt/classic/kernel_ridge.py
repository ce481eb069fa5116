"""Kernel ridge regression on class labels: one linear system, and its leave-one-out for free."""

from typing import ClassVar, Self

import numpy as np

from rosenblatt.classic.cholesky import SingularError, factor, inverse_diagonal, solve
from rosenblatt.classic.dual import DualMachine
from rosenblatt.classic.inputs import KERNEL_SETTINGS, one_versus_rest
from rosenblatt.features.gram import Kernel
from rosenblatt.ranges import POSITIVE, Choice, Either

PENALTIES = 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0  # what a path tries


class KernelRidge(DualMachine):
    """Least squares in a feature space, with a penalty on the weights (Saunders et al. 1998).

    The labels are +1 for a class and -1 for the rest; the dual coefficients of all classes solve
    (K + penalty N I) A = Y by one Cholesky factor. Every score with the sample itself left out is
    y_i - A_i / G_ii, with G = (K + penalty N I)^-1 (Rifkin & Lippert 2007, section 2.2).

    kernel, gamma, degree: as in DualMachine. penalty: None tries PENALTIES, less those too small
    for a matrix of these digits to be positive definite, and takes the one of fewest leave-one-out
    errors, ties by squared error.

    Learned: as DualMachine, penalty_, leave_one_out_ [N, K] (scores; [N] for two classes), and
    path_, a list of (penalty, error rate, mean squared error), empty where a penalty was given.
    """

    settings: ClassVar = KERNEL_SETTINGS | {"penalty": Either(Choice((None,)), POSITIVE)}

    def __init__(
        self,
        kernel: str | Kernel = "gaussian",
        gamma: float | None = None,
        degree: int = 3,
        penalty: float | None = None,
    ) -> None:
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.penalty = penalty

    def fit(self, x: np.ndarray, y: np.ndarray) -> Self:
        """Learn from samples x [N, D] and labels y [N] of any kind.

        Raises UserError as check_settings, check_vectors and encode_labels, or where the matrix is
        singular: the penalty is too small for the kernel (all of PENALTIES are).
        """
        x, labels = self._begin(x, y)
        targets = one_versus_rest(labels, len(self.classes_)).T.astype(np.float64)
        gram = (x if self.kernel_ is None else self.kernel_(x)).astype(np.float64)
        if self.penalty is None:
            dual, diagonal = self._follow_path(gram, targets, labels)
        else:
            self.path_: list[tuple[float, float, float]] = []
            self.penalty_ = self.penalty
            dual, diagonal = _solve(gram, targets, self.penalty)
        scores = targets - dual / diagonal[:, None]
        self.leave_one_out_ = scores if scores.shape[1] > 1 else scores[:, 0]
        self._keep_support(x, dual.T, None)
        return self

    def _follow_path(
        self, gram: np.ndarray, targets: np.ndarray, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the best dual coefficients [N, K] and the diagonal of G, and fill path_."""
        self.path_ = []
        best = None
        for penalty in PENALTIES:
            try:
                dual, diagonal = _solve(gram, targets, penalty)
            except SingularError:
                if best is None and penalty == PENALTIES[-1]:
                    raise
                continue
            scores = targets - dual / diagonal[:, None]
            choice = scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] > 0)
            entry = (
                penalty,
                float(np.mean(choice != labels)),
                float(np.mean((scores - targets) ** 2)),
            )
            self.path_.append(entry)
            if best is None or entry[1:] < best[0]:
                best = entry[1:], penalty, dual, diagonal
        assert best is not None
        self.penalty_ = best[1]
        return best[2], best[3]


def _solve(gram: np.ndarray, targets: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the dual coefficients [N, K] and the diagonal [N] of G."""
    shifted = gram.copy()
    shifted.flat[:: len(gram) + 1] += penalty * len(gram)
    lower = factor(shifted)
    return solve(lower, targets), inverse_diagonal(lower)
