"""Arrays of a geometry, and how far a method's results are from the naive ones."""

import numpy as np

from tests.reference.convolution import direct as reference


def arrays(g, N, dtype):
    rng = np.random.default_rng(hash(g) % 2**32)
    x = rng.standard_normal((N, g.H, g.W, g.C)).astype(dtype)
    weight = rng.standard_normal((g.KH, g.KW, g.C // g.groups, g.F)).astype(dtype)
    bias = rng.standard_normal(g.F).astype(dtype)
    return x, weight, bias, rng.standard_normal((N, *g.output, g.F)).astype(dtype)


def deviations(method, g, N, dtype, gated):
    """Return (largest error, length of the sums) of all four results, relative to the sums' size.

    A sum of n products of standard normal numbers has the size sqrt(n).
    """
    x, weight, bias, d = arrays(g, N, dtype)
    out, d_x, d_weight, d_bias = (np.full_like(a, np.nan) for a in (d, x, weight, bias))
    method.convolve(x, weight, bias, out, g, 0.0)
    exact = reference.convolve(x, weight, bias, g)
    pixels, window = N * g.output[0] * g.output[1], g.KH * g.KW
    yield abs(out - np.maximum(exact, 0)).max(), window * g.C // g.groups + 1

    gate = exact.astype(dtype) if gated else d[:0]
    passed = np.where(exact > 0, d, 0) if gated else d
    method.input_gradient(d, gate, weight, d_x, g)
    exact = reference.input_gradient(x, passed, weight, g)
    yield abs(d_x - exact).max(), window * g.F // g.groups

    method.weight_gradient(x, d, gate, d_weight, d_bias, g)
    weights, biases = reference.weight_gradient(x, passed, weight, g)
    yield abs(d_weight - weights).max(), pixels
    yield abs(d_bias - biases).max(), pixels
