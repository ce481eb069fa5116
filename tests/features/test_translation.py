"""What sees rows by their distances alone gives the same wherever the rows lie."""

import numpy as np
import pytest

from rosenblatt.classic import (
    SVM,
    KernelPCA,
    KernelPerceptron,
    KernelRidge,
    RandomFourier,
)
from rosenblatt.errors import UserError
from rosenblatt.features.fisher import Mixture, fisher_vectors
from rosenblatt.features.gram import ArcCosine, Gaussian, Normalised, spread
from rosenblatt.features.histograms import Laplacian
from rosenblatt.features.kmeans import assign, k_means


def cloud(count, columns, seed=0):
    """Return rows of deviation 1 that keep all their digits when moved by 10,000."""
    x = np.random.default_rng(seed).normal(0, 1, (count, columns))
    return np.round(x * 256) / 256


def squares(x, y):
    return np.square(x[:, None].astype(np.float64) - y[None]).sum(2)


def layouts(columns):
    """Yield clouds that lie about one place, in far clusters, and with a far outlier."""
    x = cloud(60, columns)
    sides = np.where(np.arange(60) % 2, 1.0, -1.0)[:, None]
    places = 100 * cloud(6, columns, 1)[np.arange(60) % 6]
    yield from (x, x + 1e4 * sides, x + places, np.vstack([x, np.full(columns, 3e5)]))


@pytest.mark.parametrize("columns", [1, 3, 300])
@pytest.mark.parametrize("steepness", [0.3, 1, 20])
def test_a_gaussian_gram_matrix_is_right_wherever_the_rows_lie(columns, steepness):
    gamma = steepness / columns
    for x in layouts(columns):
        for shift in (0, 1e4):
            moved = (x + shift).astype(np.float32)
            wanted = np.exp(-gamma * squares(moved, moved))
            gram = Gaussian(gamma)(moved)
            np.testing.assert_allclose(gram, wanted, rtol=0, atol=5e-6)
            np.testing.assert_allclose(Gaussian(gamma)(moved[:9], moved), wanted[:9], atol=5e-6)
            assert np.linalg.eigvalsh(gram.astype(np.float64))[0] > -1e-5


def test_numbers_whose_squares_are_no_float32_are_refused():
    with pytest.raises(UserError, match="beyond float32; bring the columns"):
        Gaussian(1e-30)(np.array([[1e20, 0], [1e20, 1e15]], np.float32))


def test_kernels_of_differences_do_not_mind_the_origin():
    x = cloud(60, 5)
    far = (x + 1e4).astype(np.float32)
    np.testing.assert_allclose(Laplacian(0.3)(far), Laplacian(0.3)(x), atol=1e-6)
    waves = RandomFourier(0.5, 200).fit(x).transform
    near = waves(x)
    np.testing.assert_allclose(waves(far) @ waves(far).T, near @ near.T, atol=1e-4)
    assert spread(far + np.float32(1e4)) == pytest.approx(spread(x), rel=1e-6)


def test_nearly_parallel_rows_have_their_angle():
    x = cloud(40, 3) + 1e3
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    angles = 2 * np.arcsin(np.sqrt(squares(unit, unit)) / 2)
    np.testing.assert_allclose(ArcCosine(0)(x), 1 - angles / np.pi, rtol=0, atol=1e-6)
    tiny = (1e-17 * cloud(5, 3)).astype(np.float32)
    np.testing.assert_allclose(Normalised(Gaussian(1e-3))(tiny), 1, atol=1e-6)


@pytest.mark.parametrize("shift", [1e3, -1e4])
def test_machines_predict_the_same_after_a_translation(shift):
    x, new = cloud(150, 3), cloud(150, 3, 1)
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    machines = (
        SVM("gaussian", gamma=0.5),
        SVM("gaussian"),
        KernelRidge("gaussian", gamma=0.5, penalty=1e-3),
        KernelPerceptron("gaussian", gamma=0.5),
    )
    for machine in machines:
        near = machine.fit(x, y).decision_function(new)
        far = machine.fit(x + shift, y).decision_function(new + shift)
        np.testing.assert_allclose(far, near, atol=2e-3)
    near = KernelPCA(gamma=0.5, components=3).fit(x).transform(new)
    far = KernelPCA(gamma=0.5, components=3).fit(x + shift).transform(new + shift)
    np.testing.assert_allclose(np.abs(far), np.abs(near), atol=1e-3)


def test_an_svm_far_from_the_origin_is_the_one_of_the_exact_gram_matrix():
    x, new = cloud(150, 3) + 1e4, cloud(150, 3, 1) + 1e4
    y = ((x[:, 0] - 1e4) * (x[:, 1] - 1e4) > 0).astype(int)
    exact = SVM("precomputed").fit(np.exp(-0.5 * squares(x, x)), y)
    wanted = exact.decision_function(np.exp(-0.5 * squares(new, x)))
    found = SVM("gaussian", gamma=0.5).fit(x, y).decision_function(new)
    np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_the_nearest_centre_is_the_nearest_anywhere():
    for x in layouts(7):
        moved = (x + 1e4).astype(np.float32)
        centres = moved[::9].copy()
        wanted = squares(moved, centres)
        found = assign(moved, centres)
        np.testing.assert_array_equal(wanted[np.arange(len(x)), found], wanted.min(1))


def test_clusters_and_mixtures_move_with_their_rows():
    x = np.round((cloud(300, 3) / 2 + 4 * np.eye(3)[np.arange(300) % 3]) * 256) / 256
    near, far = (k_means(x + shift, 3, np.random.default_rng(0)) for shift in (0, 1e4))
    np.testing.assert_allclose(far, near + 1e4, atol=2e-3)
    (near, _), (far, _) = (
        Mixture.fit(x + shift, 3, np.random.default_rng(0)) for shift in (0, 1e4)
    )
    np.testing.assert_allclose(far.means, near.means + 1e4, atol=1e-4)
    np.testing.assert_allclose(far.variances, near.variances, rtol=1e-4)
    sets = x.reshape(10, 30, 3)
    found, wanted = fisher_vectors(far, sets + 1e4), fisher_vectors(near, sets)
    np.testing.assert_allclose(found, wanted, atol=1e-3)
