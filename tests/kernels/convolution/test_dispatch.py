import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution import conv_single_channel as single_channel
from rosenblatt.kernels.convolution import direct, dispatch, pooled, winograd
from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
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


WIDE = Geometry(16, 16, 64, 3, 3, 64, 1, 1)


@pytest.mark.parametrize(
    ("change", "N", "expected"),
    [
        ({}, 64, winograd),
        ({"H": 14, "W": 14, "C": 32, "KH": 5, "KW": 5, "padding": 2}, 128, winograd),
        *((change, 64, direct) for change in (
            {"stride": 2}, {"KW": 5}, {"KH": 2, "KW": 2}, {"padding": 3}, {"C": 3}, {"F": 10},
            {"H": 1, "W": 1},
        )),
        ({"H": 28, "W": 28, "C": 8, "F": 8, "KH": 5, "KW": 5, "padding": 2}, 128, direct),
    ],
)  # fmt: skip
def test_the_method_of_a_plain_convolution(change, N, expected):
    assert dispatch.method(dispatch.PLAIN, WIDE._replace(**change), N) is expected


LENET = Geometry(28, 28, 1, 5, 5, 6, 1, 0)


@pytest.mark.parametrize(
    ("g", "size", "forward", "weights", "inputs"),
    [
        (WIDE, 2, "_convolve_then_pool", "weight_gradient", "_spread_input_gradient"),
        (LENET, 2, "single", "weight_gradient", "input_gradient"),
        (LENET, 3, "pooled", "weight_gradient", "input_gradient"),
        (LENET._replace(F=7), 2, "pooled", "weight_gradient", "input_gradient"),
        (LENET._replace(stride=2), 2, "pooled", "weight_gradient", "_spread_input_gradient"),
        (LENET._replace(KH=4, KW=4), 2, "single", "_spread_weight_gradient", "input_gradient"),
    ],
)
def test_the_methods_of_a_pooled_convolution(g, size, forward, weights, inputs):
    found = dispatch.method(dispatch.POOLED, g, 64, size)
    ours = {"single": single_channel.convolve_pool, "pooled": pooled.convolve_pool}
    assert found is ours.get(forward, dispatch._convolve_then_pool)
    assert dispatch.method(dispatch.POOLED_WEIGHT_GRADIENT, g, 64, size).__name__ == weights
    assert dispatch.method(dispatch.POOLED_INPUT_GRADIENT, g, 64, size).__name__ == inputs


@pytest.mark.parametrize(
    "g", [Geometry(8, 8, 32, 3, 3, 32, 1, 1), Geometry(8, 7, 5, 3, 2, 6, 2, 1)]
)
def test_the_public_kernels_take_either_method(g):
    N = 8
    x, weight, bias, d = arrays(g, N, np.float32)
    out, d_x, d_weight, d_bias = (np.full_like(a, np.nan) for a in (d, x, weight, bias))
    settings = g.stride, g.padding
    assert convolve(x, weight, bias, g, 0.0, out) is out
    exact = reference.convolve(x, weight, bias, *settings)
    np.testing.assert_allclose(out, np.maximum(exact, 0), atol=1e-4)
    assert convolution_input_gradient(d, out, weight, g, d_x) is d_x
    d = np.where(out > 0, d, 0)
    np.testing.assert_allclose(d_x, reference.input_gradient(x, d, weight, *settings), atol=2e-4)
    convolution_weight_gradient(x, d, None, g, d_weight, d_bias)
    weights, biases = reference.weight_gradient(x, d, weight, *settings)
    np.testing.assert_allclose(d_weight, weights, atol=2e-4)
    np.testing.assert_allclose(d_bias, biases, atol=1e-4)
