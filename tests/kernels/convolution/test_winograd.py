import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution import direct, winograd
from rosenblatt.kernels.convolution.geometry import Geometry
from rosenblatt.kernels.core.jit import JIT_DISABLED
from tests.kernels.convolution.samples import arrays, deviations
from tests.reference.convolution import direct as reference

DTYPES = [np.float32, np.float64]
sides = st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9])


@st.composite
def winograd_geometry(draw):
    size = draw(st.sampled_from([3, 5]))
    padding = draw(st.integers(0, size - 1))
    H, W = (max(draw(sides), size - 2 * padding) for _ in range(2))
    C, F = draw(st.sampled_from([8, 16])), draw(st.sampled_from([8, 16, 24]))
    return Geometry(H, W, C, size, size, F, 1, padding)


@pytest.mark.parametrize("dtype", DTYPES)
@given(winograd_geometry(), st.integers(1, 9), st.booleans())
@settings(max_examples=25, deadline=None)
def test_winograd_equals_the_naive_convolution(dtype, g, N, gated):
    for error, count in deviations(winograd, g, N, dtype, gated):
        assert error <= 250 * np.finfo(dtype).eps * count**0.5


@pytest.mark.skipif(JIT_DISABLED, reason="the errors are those of the compiled tile")
@pytest.mark.parametrize(("size", "forward", "weights"), [(3, 3, 6), (5, 3, 8)])
def test_winograd_errs_at_most_so_many_times_more(size, forward, weights):
    g = Geometry(16, 16, 32, size, size, 32, 1, size // 2)
    x, weight, bias, d = arrays(g, 8, np.float32)
    exact = (
        reference.convolve(x, weight, bias, g),
        reference.input_gradient(x, d, weight, g),
        reference.weight_gradient(x, d, weight, g)[0],
    )
    errors = []
    for method in (direct, winograd):
        out, d_x, d_weight = np.empty_like(d), np.empty_like(x), np.empty_like(weight)
        method.convolve(x, weight, bias, out, g, -np.inf)
        method.input_gradient(d, d[:0], weight, d_x, g)
        method.weight_gradient(x, d, d[:0], d_weight, np.empty_like(bias), g)
        results = zip((out, d_x, d_weight), exact, strict=True)
        errors.append([np.sqrt(((result - truth) ** 2).mean()) for result, truth in results])
    ratios = np.array(errors[1]) / errors[0]
    assert (ratios <= [forward, forward, weights]).all(), ratios


def test_large_images_are_cut_into_bands_and_many_samples_into_blocks():
    for g, N in (
        (Geometry(150, 90, 8, 3, 3, 8, 1, 1), 1),
        (Geometry(9, 9, 64, 3, 3, 64, 1, 1), 40),
    ):
        for error, count in deviations(winograd, g, N, np.float32, False):
            assert error <= 250 * np.finfo(np.float32).eps * count**0.5
