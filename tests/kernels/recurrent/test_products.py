import numpy as np
import pytest

from rosenblatt.kernels.recurrent import products
from tests.kernels.recurrent.test_blocks import runs_of

SHAPES = [(1, 1, 1, 1, 1), (3, 5, 2, 18, 3), (70, 2, 7, 16, 1)]  # N, T, D, H, gates


def arrays(N, T, D, H, G):
    """Return x [T N, D], weight [D, G H], d [T N, G H]: whole numbers, so that sums are exact."""
    rng = np.random.default_rng(1)
    shapes = (T * N, D), (D, G * H), (T * N, G * H)
    return [rng.integers(-5, 6, shape).astype(np.float32) for shape in shapes]


def gate_runs(rows, N, T, G):
    """Return rows [T N, G H] as gates [T, B, G, N x 16]."""
    H = rows.shape[1] // G
    steps = [
        [runs_of(rows[t * N : (t + 1) * N, g * H : (g + 1) * H]) for g in range(G)]
        for t in range(T)
    ]
    return np.ascontiguousarray(np.array(steps).transpose(0, 2, 1, 3))


@pytest.mark.parametrize("shape", SHAPES)
def test_products_over_all_steps_equal_those_of_matrices(shape):
    N, T, D, H, G = shape
    x, weight, d = arrays(*shape)
    bias = np.arange(G * H, dtype=np.float32)[None]
    sums = gate_runs(np.zeros_like(d), N, T, G)
    sums[:] = np.nan
    products.input_product(x, weight, bias, sums)
    expected = gate_runs((x @ weight + bias).astype(np.float32), N, T, G)
    np.testing.assert_array_equal(sums, expected)

    d_gates, d_x = gate_runs(d, N, T, G), np.full_like(x, np.nan)
    products.input_gradient(d_gates, weight, d_x)
    np.testing.assert_array_equal(d_x, d @ weight.T)

    for first, count in {(0, G), (G - 1, 1)}:
        d_weight = np.full((D, count * H), np.nan, np.float32)
        products.weight_gradient(x, d_gates, first, count, d_weight)
        np.testing.assert_array_equal(d_weight, x.T @ d[:, first * H : (first + count) * H])
    d_bias = np.full((G, H), np.nan, np.float32)
    products.bias_gradient(d_gates, d_bias)
    np.testing.assert_array_equal(d_bias.reshape(-1), d.sum(0))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("shape", [(0, 2, 3), (1, 1, 1), (3, 4, 5)])
def test_samples_become_steps_and_steps_samples(reverse, shape):
    N, T, D = shape
    x = np.arange(N * T * D, dtype=np.float32).reshape(shape)
    steps, back = np.full((T, N, D), np.nan, np.float32), np.full_like(x, np.nan)
    products.to_steps(x, reverse, steps)
    for n, t in np.ndindex(N, T):
        np.testing.assert_array_equal(steps[T - 1 - t if reverse else t, n], x[n, t])
    products.from_steps(steps, reverse, back)
    np.testing.assert_array_equal(back, x)
