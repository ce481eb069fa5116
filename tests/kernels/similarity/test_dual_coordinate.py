import numpy as np
import pytest

from rosenblatt.kernels.similarity.dual_coordinate import Limits, epoch


def one_epoch(x, order, signs, alpha, limits):
    """Return alpha after Hsieh et al. 2008, algorithm 1, the slope from the Gram matrix itself."""
    (top, ridge), gram, worst = limits, x @ x.T, 0.0
    for i in order:
        slope = signs[i] * (gram[i] @ (alpha * signs)) - 1 + ridge * alpha[i]
        if alpha[i] == 0:
            inward = min(slope, 0)
        else:
            inward = max(slope, 0) if alpha[i] == top else slope
        worst = max(worst, abs(inward))
        if inward:
            alpha[i] = min(max(alpha[i] - slope / (gram[i, i] + ridge), 0), top)
    return worst


@pytest.mark.parametrize("limits", [Limits(0.5, 0.0), Limits(np.inf, 0.25)])
@pytest.mark.parametrize(("N", "D", "K"), [(1, 1, 1), (13, 9, 3)])
def test_epochs_equal_a_twin_that_sees_the_gram_matrix(limits, N, D, K):
    rng = np.random.default_rng(7)
    x = rng.standard_normal((N, D)).astype(np.float32)
    signs = rng.choice([-1.0, 1.0], (K, N))
    alpha, weights, out = np.zeros((K, N)), np.zeros((K, D)), np.empty(K)
    norms, expected = (x.astype(np.float64) ** 2).sum(1), np.zeros((K, N))
    for _ in range(3):
        order = rng.permutation(N)
        epoch(x, norms, order, signs, alpha, weights, limits, out)
        for k in range(K):
            worst = one_epoch(x.astype(np.float64), order, signs[k], expected[k], limits)
            np.testing.assert_allclose(out[k], worst, atol=1e-12)
        np.testing.assert_allclose(alpha, expected, atol=1e-12)
        np.testing.assert_allclose(weights, (alpha * signs) @ x, atol=1e-12)
