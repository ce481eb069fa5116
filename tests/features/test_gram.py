"""Gram matrices against their definitions, and against what every kernel must be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.features.centring import Centring
from rosenblatt.features.gram import (
    ArcCosine,
    Gaussian,
    Linear,
    Normalised,
    Polynomial,
    Scaled,
    spread,
)
from rosenblatt.features.histograms import ChiSquare, Intersection, Laplacian

GAUSSIAN, LINEAR = Gaussian(0.3), Linear()


def gaussian(x, y):
    return np.exp(-0.3 * np.sum((x - y) ** 2))


def arc_cosine(x, y, order):
    lengths = np.linalg.norm(x) * np.linalg.norm(y)
    theta = np.arccos(np.clip(x @ y / lengths, -1, 1))
    shape = (
        np.pi - theta,
        np.sin(theta) + (np.pi - theta) * np.cos(theta),
        3 * np.sin(theta) * np.cos(theta) + (np.pi - theta) * (1 + 2 * np.cos(theta) ** 2),
    )[order]
    return lengths**order * shape / np.pi


KERNELS = {
    "linear": (LINEAR, lambda x, y: x @ y),
    "polynomial": (Polynomial(3, 0.5, 2.0), lambda x, y: (0.5 * (x @ y) + 2) ** 3),
    "gaussian": (GAUSSIAN, gaussian),
    "arc-cosine 0": (ArcCosine(0), lambda x, y: arc_cosine(x, y, 0)),
    "arc-cosine 1": (ArcCosine(1), lambda x, y: arc_cosine(x, y, 1)),
    "arc-cosine 2": (ArcCosine(2), lambda x, y: arc_cosine(x, y, 2)),
    "laplacian": (Laplacian(0.2), lambda x, y: np.exp(-0.2 * np.abs(x - y).sum())),
    "sum": (0.5 * GAUSSIAN + LINEAR, lambda x, y: 0.5 * gaussian(x, y) + x @ y),
    "product": (GAUSSIAN * LINEAR, lambda x, y: gaussian(x, y) * (x @ y)),
    "normalised": (
        Normalised(LINEAR),
        lambda x, y: x @ y / np.sqrt((x @ x) * (y @ y)),
    ),
}
HISTOGRAM_KERNELS = {
    "chi-square": (
        ChiSquare(0.4),
        lambda x, y: np.exp(-0.4 * np.sum((x - y) ** 2 / np.where(x + y > 0, x + y, 1))),
    ),
    "intersection": (Intersection(), lambda x, y: np.minimum(x, y).sum()),
}


def rows(count, columns, seed=0):
    return np.random.default_rng(seed).random((count, columns), dtype=np.float32) - np.float32(0.5)


def samples(name, count, seed=0):
    """Return rows that the kernel takes, some numbers of them 0 for histograms."""
    if name in KERNELS:
        return KERNELS[name][0], KERNELS[name][1], rows(count, 19, seed)
    return *HISTOGRAM_KERNELS[name], np.maximum(rows(count, 19, seed), 0)


ALL = [*KERNELS, *HISTOGRAM_KERNELS]


@pytest.mark.parametrize("name", ALL)
def test_equals_the_definition(name):
    kernel, definition, x = samples(name, 7)
    y = samples(name, 5, 1)[2]
    wanted = [[definition(a, b) for b in y.astype("f8")] for a in x.astype("f8")]
    found = kernel(x, y)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-6)
    own = [definition(a, a) for a in x.astype("f8")]
    np.testing.assert_allclose(kernel.diagonal(x), own, rtol=2e-5)


@pytest.mark.parametrize("name", ALL)
def test_with_itself_is_symmetric_and_has_no_negative_eigenvalue(name):
    kernel, _, x = samples(name, 270)  # more than a block
    gram = kernel(x)
    np.testing.assert_array_equal(gram, gram.T)
    np.testing.assert_allclose(gram, kernel(x, x), rtol=1e-4, atol=1e-3)
    values = np.linalg.eigvalsh(gram.astype(np.float64))
    assert values.min() > -1e-5 * values.max()


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_gaussian_lies_between_0_and_1(count, columns, gamma, shift):
    x = rows(count, columns) + np.float32(shift)
    gram = Gaussian(gamma)(x)
    assert gram.min() >= 0
    assert gram.max() <= 1
    np.testing.assert_array_equal(np.diagonal(gram), 1)


def test_spread_is_columns_times_variance():
    x = rows(50, 7)
    np.testing.assert_allclose(spread(x), 7 * x.astype("f8").var(), rtol=1e-6)
    assert spread(np.ones((3, 2))) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: Gaussian(0),
        lambda: Polynomial(0),
        lambda: Polynomial(2, 1, -1),
        lambda: Laplacian(-1),
        lambda: ArcCosine(3),
        lambda: Scaled(-1, Linear()),
    ],
)
def test_what_is_no_kernel_is_refused(make):
    with pytest.raises(UserError, match="it must be"):
        make()


def test_a_negative_bin_is_named():
    with pytest.raises(UserError, match=r"row 2, column 1 is -1\.0"):
        Intersection()(np.array([[1.0, 2], [-1, 0]]))


def test_no_length_is_at_a_right_angle_to_everything():
    kernel, x = Normalised(Linear()), np.array([[0, 0], [3, 4]], np.float32)
    np.testing.assert_allclose(kernel(x), [[0, 0], [0, 1]], atol=1e-6)
    np.testing.assert_array_equal(kernel.diagonal(x), [0, 1])


def test_centring_moves_the_origin_to_the_mean():
    x, y = rows(40, 6) + np.float32(3), rows(9, 6, 1)
    kernel, mean = Linear(), x.mean(0)
    centring = Centring.fit(kernel(x))
    np.testing.assert_allclose(centring(kernel(x)), (x - mean) @ (x - mean).T, atol=1e-4)
    np.testing.assert_allclose(centring(kernel(y, x)), (y - mean) @ (x - mean).T, atol=1e-4)
