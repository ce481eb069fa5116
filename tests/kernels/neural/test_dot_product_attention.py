import numpy as np
import pytest

from rosenblatt.kernels.neural.dot_product_attention import Gradients, attend, attend_gradient
from tests.gradients import assert_gradient
from tests.reference.neural import dot_product_attention as reference


@pytest.mark.parametrize(
    ("sizes", "heads", "causal", "hidden"),
    [
        ((1, 1, 1, 1, 1), 1, False, False),
        ((2, 3, 5, 4, 6), 2, False, True),
        ((2, 18, 18, 3, 17), 1, True, False),
        ((1, 4, 4, 21, 3), 3, True, True),
    ],
)
def test_attention_equals_its_twin_and_central_differences(sizes, heads, causal, hidden):
    (N, T, S, A, D), rng = sizes, np.random.default_rng(1)
    arrays = tuple(
        rng.standard_normal((N, steps, heads * width)) for steps, width in ((T, A), (S, A), (S, D))
    )
    bias = rng.standard_normal((N, heads, T, S)) if hidden else np.zeros((0, 0, 0, 0))
    if hidden:
        bias[rng.random(bias.shape) < 0.4] = -np.inf
        bias[0, 0, 0] = -np.inf  # a query that may see nothing
    settings = heads, 0.7, causal
    out, shares = np.empty((N, T, heads * D)), np.full((N, heads, T, S), np.nan)
    attend(*arrays, bias, *settings[1:], out, shares)
    for n in range(N):
        added = bias[n] if hidden else np.zeros((heads, T, S))
        one = (array[n] for array in arrays)
        np.testing.assert_allclose(out[n], reference.attend(*one, added, settings), atol=1e-12)
    if hidden:
        assert not out[0, 0, :D].any()
    d_out = rng.standard_normal(out.shape)
    gradients = Gradients(*(np.full_like(array, np.nan) for array in (*arrays, shares)))
    attend_gradient(d_out, *arrays, shares, 0.7, gradients)

    def value():
        again = np.empty_like(out)
        attend(*arrays, bias, *settings[1:], again, np.empty_like(shares))
        return float((again * d_out).sum())

    for array, gradient in zip(arrays, gradients[:3], strict=True):
        few = slice(None), slice(None), slice(None, None, 3)
        assert_gradient(value, array[few], gradient[few])
    assert not gradients[3][shares == 0].any()


def test_what_is_no_number_stays_none():
    x = np.ones((1, 3, 2))
    x[0, 1, 0] = np.nan
    out, shares = np.empty((1, 3, 2)), np.empty((1, 1, 3, 3))
    attend(x, x, x, np.zeros((0, 0, 0, 0)), 1.0, False, out, shares)
    assert np.isnan(out).all()
