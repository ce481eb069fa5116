import numpy as np
import pytest

from rosenblatt.kernels.vision import graph_segmentation
from tests.reference.vision import graph_segmentation as reference


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 2), (6, 5, 3)])
@pytest.mark.parametrize(("scale", "least"), [(0.0, 1), (2.0, 1), (4.0, 4)])
def test_regions_are_those_of_sets_of_pixels(shape, scale, least):
    image = np.random.default_rng(5).integers(0, 5, shape).astype(np.float32)
    H, W, _ = shape
    first, second = (np.empty(4 * H * W, np.int64) for _ in range(2))
    weight = np.empty(4 * H * W)
    count = graph_segmentation.grid_edges(image, first, second, weight)
    assert count == 4 * H * W - 3 * (H + W) + 2  # all pairs of neighbours
    order = np.argsort(weight[:count], kind="stable")
    parent, labels = np.empty(H * W, np.int64), np.empty(H * W, np.int64)
    graph_segmentation.join(first[:count], second[:count], weight, order, scale, least, parent)
    number = graph_segmentation.number_regions(parent, labels)
    assert sorted(set(labels)) == list(range(number))
    places = [divmod(i, W) for i in range(H * W)]
    found = {
        frozenset(p for p, label in zip(places, labels, strict=True) if label == r)
        for r in range(number)
    }
    assert found == reference.segment(image, scale, least)


def test_grouping_joins_the_most_alike_neighbours_first():
    """Of a row of four regions, the middle two are alike in colour; the ends join in turn."""
    R = 4
    sizes, boxes = np.zeros(2 * R - 1), np.zeros((2 * R - 1, 4))
    histograms = np.zeros((2, 2 * R - 1, 2))
    sizes[:R] = 1, 1, 1, 3
    boxes[:R] = [[0, i, 1, i + 1] for i in range(R)]
    boxes[3] = 0, 3, 1, 6
    histograms[0, :R] = [[1, 0], [0, 1], [0, 1], [0.6, 0.4]]
    histograms[1, :R] = [1, 0]
    near = np.zeros((2 * R - 1, 2 * R - 1), np.bool_)
    for i in range(R - 1):
        near[i, i + 1] = near[i + 1, i] = True
    graph_segmentation.group(sizes, histograms, near, 6.0, np.ones(4), boxes)
    np.testing.assert_array_equal(sizes[R:], [2, 5, 6])
    np.testing.assert_array_equal(boxes[R:], [[0, 1, 1, 3], [0, 1, 1, 6], [0, 0, 1, 6]])
    np.testing.assert_allclose(histograms[0, R], [0, 1])
    np.testing.assert_allclose(histograms[0, 5], [0.36, 0.64])
    np.testing.assert_allclose(histograms[0, 6], [2.8 / 6, 3.2 / 6])
