"""The matrices of Winograd's convolutions against their theory, in exact rational numbers."""

from fractions import Fraction

import numpy as np
import pytest

from rosenblatt.kernels.convolution.cook_toom import INPUT, KERNEL, OUTPUT, TILE, transposed

A, B = Fraction(2, 3), Fraction(3, 2)
POINTS = [Fraction(0), A, -A, B, -B]


def times(polynomial, point):
    """Return the coefficients, lowest first, of the polynomial times (x - point)."""
    low, high = [-point * c for c in polynomial], [Fraction(0), *polynomial]
    return [a + b for a, b in zip([*low, Fraction(0)], high, strict=True)]


def exact_input():
    """Return B^T: for each point the product of x - p over the other points; for infinity, all."""
    rows = []
    for left_out in [*POINTS, None]:
        row = [Fraction(1)]
        for point in POINTS:
            if point != left_out:
                row = times(row, point)
        rows.append(row + [Fraction(0)] * (TILE - len(row)))
    return rows


def exact_powers(count):
    """Return the points' powers below `count`; infinity has only the last."""
    infinity = [Fraction(int(k == count - 1)) for k in range(count)]
    return [[point**k for k in range(count)] for point in POINTS] + [infinity]


def exact_kernel(size):
    rows = exact_powers(size)
    for i, point in enumerate(POINTS):
        scale = Fraction(1)
        for other in POINTS:
            scale *= point - other if other != point else 1
        rows[i] = [value / scale for value in rows[i]]
    return rows


@pytest.mark.parametrize("size", [3, 5])
def test_the_exact_matrices_convolve(size):
    spread, kernel, gather = exact_input(), exact_kernel(size), exact_powers(TILE + 1 - size)
    for y in range(TILE + 1 - size):
        for tap in range(size):
            for d in range(TILE):
                coefficient = sum(gather[i][y] * kernel[i][tap] * spread[i][d] for i in range(TILE))
                assert coefficient == (d == y + tap)


def product(factors):
    return np.linalg.multi_dot([*factors, np.eye(len(factors[-1][0]))])


@pytest.mark.parametrize("size", [3, 5])
def test_the_factors_are_the_exact_matrices(size):
    for factors, exact in (
        (INPUT, exact_input()),
        (KERNEL[size], exact_kernel(size)),
        (transposed(OUTPUT[size]), exact_powers(TILE + 1 - size)),
    ):
        np.testing.assert_allclose(product(factors), np.array(exact, float), rtol=1e-15, atol=1e-15)
