import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
    direct,
    winograd,
)
from rosenblatt.kernels.convolution.geometry import Geometry
from rosenblatt.kernels.core.jit import JIT_DISABLED
from tests.reference import products as reference

DTYPES = [np.float32, np.float64]
sides = st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9])


@st.composite
def any_geometry(draw):
    """Draw a geometry for the direct method: padding beyond the kernel, stride beyond it too."""
    KH, KW, stride = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 6))
    padding = draw(st.integers(0, 6))
    H = max(draw(sides), KH - 2 * padding, 1)
    W = max(draw(sides), KW - 2 * padding, 1)
    C, F = draw(st.sampled_from([1, 2, 3, 8])), draw(st.sampled_from([1, 2, 6, 16, 19, 33]))
    return Geometry(H, W, C, KH, KW, F, stride, padding)


@st.composite
def winograd_geometry(draw):
    size = draw(st.sampled_from([3, 5]))
    padding = draw(st.integers(0, size - 1))
    H, W = (max(draw(sides), size - 2 * padding) for _ in range(2))
    C, F = draw(st.sampled_from([8, 16])), draw(st.sampled_from([8, 16, 24]))
    return Geometry(H, W, C, size, size, F, 1, padding)


def arrays(g, N, dtype):
    rng = np.random.default_rng(hash(g) % 2**32)
    x = rng.standard_normal((N, g.H, g.W, g.C)).astype(dtype)
    weight = rng.standard_normal((g.KH, g.KW, g.C, g.F)).astype(dtype)
    bias = rng.standard_normal(g.F).astype(dtype)
    return x, weight, bias, rng.standard_normal((N, *g.output, g.F)).astype(dtype)


def deviations(method, g, N, dtype, gated):
    """Return (largest error, length of the sums) of all four results, relative to the sums' size.

    A sum of n products of standard normal numbers has the size sqrt(n).
    """
    x, weight, bias, d = arrays(g, N, dtype)
    out, d_x, d_weight, d_bias = (np.full_like(a, np.nan) for a in (d, x, weight, bias))
    method.convolve(x, weight, bias, out, g, 0.0)
    exact = reference.convolve(x, weight, bias, g.stride, g.padding)
    pixels, window = N * g.output[0] * g.output[1], g.KH * g.KW
    yield abs(out - np.maximum(exact, 0)).max(), window * g.C + 1

    gate = exact.astype(dtype) if gated else d[:0]
    passed = np.where(exact > 0, d, 0) if gated else d
    method.input_gradient(d, gate, weight, d_x, g)
    exact = reference.input_gradient(x, passed, weight, g.stride, g.padding)
    yield abs(d_x - exact).max(), window * g.F

    method.weight_gradient(x, d, gate, d_weight, d_bias, g)
    weights, biases = reference.weight_gradient(x, passed, weight, g.stride, g.padding)
    yield abs(d_weight - weights).max(), pixels
    yield abs(d_bias - biases).max(), pixels


@pytest.mark.parametrize("dtype", DTYPES)
@given(any_geometry(), st.integers(1, 9), st.booleans())
@settings(max_examples=25, deadline=None)
def test_direct_equals_the_naive_convolution(dtype, g, N, gated):
    for error, count in deviations(direct, g, N, dtype, gated):
        assert error <= 8 * np.finfo(dtype).eps * count**0.5 * (1 + count**0.5 / 8)


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
        reference.convolve(x, weight, bias, 1, g.padding),
        reference.input_gradient(x, d, weight, 1, g.padding),
        reference.weight_gradient(x, d, weight, 1, g.padding)[0],
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
        for method in (direct, winograd):
            for error, count in deviations(method, g, N, np.float32, False):
                assert error <= 250 * np.finfo(np.float32).eps * count**0.5


def test_the_method_depends_on_the_shapes():
    wide = Geometry(16, 16, 64, 3, 3, 64, 1, 1)
    assert winograd.pays(wide, 64)
    assert winograd.pays(Geometry(14, 14, 32, 5, 5, 64, 1, 2), 128)
    for change in (
        {"stride": 2}, {"KW": 5}, {"KH": 2, "KW": 2}, {"padding": 3}, {"C": 3}, {"F": 10},
        {"H": 1, "W": 1},
    ):  # fmt: skip
        assert not winograd.pays(wide._replace(**change), 64), change
    assert not winograd.pays(Geometry(28, 28, 8, 5, 5, 8, 1, 2), 128)


@pytest.mark.parametrize(
    "g", [Geometry(8, 8, 32, 3, 3, 32, 1, 1), Geometry(8, 7, 5, 3, 2, 6, 2, 1)]
)
def test_the_public_kernels_take_either_method(g):
    N = 8
    x, weight, bias, d = arrays(g, N, np.float32)
    out, d_x, d_weight, d_bias = (np.full_like(a, np.nan) for a in (d, x, weight, bias))
    settings = g.stride, g.padding
    assert convolve(x, weight, bias, out, *settings, 0.0) is out
    exact = reference.convolve(x, weight, bias, *settings)
    np.testing.assert_allclose(out, np.maximum(exact, 0), atol=1e-4)
    assert convolution_input_gradient(d, out, weight, d_x, *settings) is d_x
    d = np.where(out > 0, d, 0)
    np.testing.assert_allclose(d_x, reference.input_gradient(x, d, weight, *settings), atol=2e-4)
    convolution_weight_gradient(x, d, None, d_weight, d_bias, *settings)
    weights, biases = reference.weight_gradient(x, d, weight, *settings)
    np.testing.assert_allclose(d_weight, weights, atol=2e-4)
    np.testing.assert_allclose(d_bias, biases, atol=1e-4)
