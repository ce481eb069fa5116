import numpy as np
import pytest

from rosenblatt.kernels.similarity.clusters import add_to_centres, nearest


@pytest.mark.parametrize(("N", "D", "K"), [(0, 2, 3), (1, 1, 1), (23, 5, 4)])
def test_the_nearest_centre_and_its_sums_equal_loops(N, D, K):
    rng = np.random.default_rng(4)
    x, centres = (rng.random((n, D)).astype(np.float32) for n in (N, K))
    centres[K // 2 :] = centres[: K - K // 2]  # equals: the first counts
    squares = (centres.astype(np.float64) ** 2).sum(1)
    labels = np.full(N, -1)
    products = (x @ centres.T).astype(np.float32)
    nearest(products, squares / 2, x, centres, float(np.sqrt(squares.max())), labels)
    expected = []
    for row in x.astype(np.float64):
        gaps = [sum((row - centre) ** 2) for centre in centres.astype(np.float64)]
        expected.append(gaps.index(min(gaps)))
    np.testing.assert_array_equal(labels, expected)
    sums, counts = np.zeros((K, D)), np.zeros(K, np.int64)
    add_to_centres(x, labels, sums, counts)
    for k in range(K):
        own = [row.astype(np.float64) for row, label in zip(x, expected, strict=True) if label == k]
        assert counts[k] == len(own)
        np.testing.assert_allclose(sums[k], sum(own, np.zeros(D)), atol=1e-12)


def test_rows_far_from_the_origin_are_told_apart_by_their_differences():
    centres = np.array([[1e4, 0], [1e4, 0.01]], np.float32)
    x = centres + np.float32([[0, 0.002], [0, -0.002]])
    squares = (centres.astype(np.float64) ** 2).sum(1)
    labels = np.full(2, -1)
    same = np.full((2, 2), 1e8, np.float32)  # all that is left of the products in float32
    nearest(same, squares / 2, x, centres, float(np.sqrt(squares.max())), labels)
    np.testing.assert_array_equal(labels, [0, 1])
