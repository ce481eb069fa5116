"""The matrices of Winograd's convolutions, by polynomials' values at points (Toom 1963, Cook 1966).

A correlation of TILE inputs d with K weights w gives M = TILE + 1 - K outputs

    y = A^T [ (G w) * (B^T d) ]

at the price of one multiplication a point: the points are 0, a, -a, b, -b and infinity. K = 3 and
K = 5 share the points, hence B. a = 2/3 and b = 3/2, whose product is 1, keep all powers small. In
float32 the root of the mean squared error, relative to the output's, was 6e-7 (K = 3) and 7e-7
(K = 5), of the weights' gradient 1.1e-6 and 1.5e-6; the direct method's was 2.7e-7. The usual a = 1
and b = 2 err twice as much.

Each matrix is a tuple of factors, the product of which it is, with few non-zero terms.
"""

from fractions import Fraction

import numpy as np

TILE = 6

_a, _b = 2 / 3, 3 / 2  # a b = 1
_aa, _bb = _a * _a, _b * _b

_SUMS = [
    [1, 0, 0, 0, 0, 0],
    [0, 1, 1, 0, 0, 0],
    [0, 1, -1, 0, 0, 0],
    [0, 0, 0, 1, 1, 0],
    [0, 0, 0, 1, -1, 0],
    [0, 0, 0, 0, 0, 1],
]
# Row i of B^T holds the coefficients of the product of x - point over all other points. Those of
# a and -a have the same even part and opposite odd parts, so _SUMS makes two rows of the parts.
_PARTS = [
    [1, 0, -(_aa + _bb), 0, 1, 0],
    [0, 0, -(_bb), 0, 1, 0],
    [0, -_b, 0, _a, 0, 0],
    [0, 0, -(_aa), 0, 1, 0],
    [0, -_a, 0, _b, 0, 0],
    [0, 1, 0, -(_aa + _bb), 0, 1],
]
INPUT = (_SUMS, _PARTS)  # B^T


def _power(x, k):
    """Return x^k, rounded once: a library's power differs between computers."""
    return float(Fraction(x) ** k)


def _powers(count):
    """Return A^T: row k holds the points' k-th powers, and infinity's in the last row."""
    rows = [
        [float(k == 0), *[_power(_a, k)] * 2, *[_power(_b, k)] * 2, float(k == count - 1)]
        for k in range(count)
    ]
    for k, row in enumerate(rows):
        row[1 + (k + 1) % 2] = row[3 + (k + 1) % 2] = 0.0
    return rows


OUTPUT = {size: (_powers(TILE + 1 - size), _SUMS) for size in (3, 5)}  # A^T

# The points' values of a kernel, each divided by the product of its distances to all other points.
_NORM_A, _NORM_B = 2 * _aa * (_aa - _bb), 2 * _bb * (_bb - _aa)
_SCALES = np.array([1, 1 / _NORM_A, 1 / _NORM_A, 1 / _NORM_B, 1 / _NORM_B, 1])[:, None]


def transposed(factors):
    """Return the factors of the transposed product."""
    return tuple(np.transpose(factor) for factor in reversed(factors))


KERNEL = {size: (_SUMS, _SCALES * np.transpose(_powers(size))) for size in (3, 5)}  # G
