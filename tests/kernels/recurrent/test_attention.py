import math

import numpy as np
import pytest

from rosenblatt.kernels.recurrent.attention import attend, attend_gradient
from tests.gradients import assert_gradient


def written_out(query, keys, values, mask, score):
    """Return (context, share) of one sample by the equations, step by step."""
    energies = [
        sum(s * math.tanh(q + k) for s, q, k in zip(score, query, key, strict=True)) for key in keys
    ]
    weights = [math.exp(e) if counts else 0.0 for e, counts in zip(energies, mask, strict=True)]
    share = np.array(weights) / (sum(weights) or 1)
    return share @ values, share


@pytest.mark.parametrize(("N", "T", "A", "D"), [(0, 2, 3, 2), (1, 1, 1, 1), (3, 4, 19, 2)])
def test_attention_equals_its_equations_and_gradients_central_differences(N, T, A, D):
    rng = np.random.default_rng(1)
    query, keys, values, score = (
        rng.standard_normal(shape) for shape in ((N, A), (N, T, A), (N, T, D), (A,))
    )
    mask = rng.random((N, T)) < 0.7
    mask[:1] = True
    mask[2:] = False  # nothing to attend to
    context, share, squashed = (np.full(s, np.nan) for s in ((N, D), (N, T), (N, T, A)))
    attend(query, keys, values, mask, score, context, share, squashed)
    for n in range(N):
        expected = written_out(query[n], keys[n], values[n], mask[n], score)
        np.testing.assert_allclose(context[n], expected[0], atol=1e-12)
        np.testing.assert_allclose(share[n], expected[1], atol=1e-12)

    d_context = rng.standard_normal((N, D))
    gradients = [np.full_like(a, np.nan) for a in (query, keys, values, query)]
    attend_gradient(d_context, values, score, share, squashed, *gradients)

    def value():
        outputs = (np.empty((N, D)), np.empty((N, T)), np.empty((N, T, A)))
        attend(query, keys, values, mask, score, *outputs)
        return float((outputs[0] * d_context).sum())

    gradients[3] = gradients[3].sum(0)
    for array, gradient in zip((query, keys, values, score), gradients, strict=True):
        assert_gradient(value, array, gradient)
