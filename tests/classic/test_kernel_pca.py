"""Kernel principal components against PCA, and the eigenvalues against all of them."""

import numpy as np
import pytest

from rosenblatt.classic import KernelPCA
from rosenblatt.classic.eigen import largest
from rosenblatt.errors import UserError
from rosenblatt.features.centring import Centring
from rosenblatt.features.gram import Gaussian


def cloud(count, columns, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((count, columns)) @ np.diag(0.7 ** np.arange(columns)) + 1


@pytest.mark.parametrize("size", [40, 400])  # all of them at once, by iteration
def test_largest_eigenvalues_are_those_of_the_whole_spectrum(size):
    gram = Gaussian(3.0)(cloud(size, 6))
    values, vectors = largest(gram, 8, np.random.default_rng(0))
    wanted = np.linalg.eigvalsh(gram.astype(np.float64))[::-1][:8]
    np.testing.assert_allclose(values, wanted, rtol=1e-5)
    np.testing.assert_allclose(gram @ vectors, vectors * values, atol=2e-4 * values[0])
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(8), atol=1e-6)


def test_a_linear_kernel_gives_pca():
    x, new = cloud(50, 5), cloud(9, 5, 1)
    machine = KernelPCA("linear", components=4).fit(x)
    _, lengths, axes = np.linalg.svd(x - x.mean(0), full_matrices=False)
    np.testing.assert_allclose(machine.eigenvalues_, lengths[:4] ** 2, rtol=1e-3)
    for rows in (x, new):
        wanted, found = (rows - x.mean(0)) @ axes[:4].T, machine.transform(rows)
        signs = np.sign(np.sum(wanted * found, axis=0))
        np.testing.assert_allclose(found, wanted * signs, atol=5e-3)


def test_components_are_uncorrelated_and_carry_their_variance():
    x = cloud(80, 4)
    machine = KernelPCA(Gaussian(2.0), components=6).fit(x)
    found = machine.transform(x).astype(np.float64)
    np.testing.assert_allclose(found.T @ found, np.diag(machine.eigenvalues_), atol=1e-3)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-4)


def test_all_components_keep_all_distances():
    x = cloud(30, 3)
    gram = Gaussian(20.0)(x)
    found = KernelPCA("precomputed", components=30).fit(gram).transform(gram)
    np.testing.assert_allclose(found @ found.T, Centring.fit(gram)(gram), atol=1e-3)


def test_samples_that_are_all_the_same_have_no_components():
    with pytest.raises(UserError, match="no components"):
        KernelPCA().fit(np.ones((5, 2)))
