"""Convolutional kernel networks against the kernel that they stand for."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.features.ckn import KernelNetwork, LayerShape
from rosenblatt.kernels.core.jit import JIT_DISABLED

pytestmark = pytest.mark.skipif(
    JIT_DISABLED, reason="takes minutes; its kernels are tested without the compiler elsewhere"
)


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def kernel(x, y, sharpness):
    """Return |x| |y| exp(sharpness (cos - 1)) of two centred patches."""
    x, y = (p - p.mean((0, 1)) for p in (x.astype(np.float64), y.astype(np.float64)))
    lengths = np.linalg.norm(x) * np.linalg.norm(y)
    return lengths * np.exp(sharpness * (np.sum(x * y) / lengths - 1))


def test_points_have_the_products_of_the_kernel_the_nearer_the_more_anchors():
    batch = images(6, 6, 6, 1)
    errors = []
    for count in (3, 90):
        network = KernelNetwork.fit(batch, [LayerShape(3, count, 1, 2.0)], np.random.default_rng(0))
        layer = network.layers[0]
        # Without smoothing: pooling by 1 averages neighbours, so look at the points before it.
        patches = batch[:, :3, :3].reshape(6, -1)
        flat = patches - patches.mean(1, keepdims=True)
        lengths = np.linalg.norm(flat, axis=1)
        codes = np.exp(2.0 * (flat @ layer.anchors.T / lengths[:, None] - 1)) * lengths[:, None]
        points = codes @ layer.root
        wanted = [[kernel(a[:3, :3], b[:3, :3], 2.0) for b in batch] for a in batch]
        errors.append(np.abs(points @ points.T - wanted).max() / np.max(wanted))
    assert errors[1] < 0.1
    assert errors[1] < errors[0] / 2


def test_one_layer_equals_its_definition():
    batch = images(9, 7, 8, 2)
    network = KernelNetwork.fit(batch, [LayerShape(3, 6, 2, 3.0)], np.random.default_rng(0))
    layer = network.layers[0]
    points = np.zeros((5, 6, 6))
    for i in range(5):
        for j in range(6):
            patch = batch[8, i : i + 3, j : j + 3].astype(np.float64)
            flat = (patch - patch.mean((0, 1))).ravel()
            length = np.linalg.norm(flat)
            points[i, j] = length * np.exp(3 * (layer.anchors @ flat / length - 1)) @ layer.root
    wanted = np.zeros((2, 3, 6))
    for a, middle in enumerate((1, 3)):
        for b, centre in enumerate((1, 3, 5)):
            near = np.exp(
                -((np.arange(5)[:, None] - middle) ** 2 + (np.arange(6) - centre) ** 2) / 4
            )
            wanted[a, b] = np.einsum("ij,ijk->k", near / near.sum(), points)
    np.testing.assert_allclose(network(batch)[8].reshape(2, 3, 6), wanted, rtol=1e-3, atol=1e-4)


def test_layers_stand_one_on_another_and_mind_no_brightness():
    batch = images(10, 12, 12, 3)
    shapes = [LayerShape(3, 8, 2), LayerShape(2, 12, 2)]
    network = KernelNetwork.fit(batch, shapes, np.random.default_rng(0))
    found = network(batch)
    assert found.shape == (10, 2 * 2 * 12)
    assert found.dtype == np.float32
    np.testing.assert_allclose(network(batch + np.float32(3)), found, rtol=1e-2, atol=1e-3)
    np.testing.assert_allclose(network(2 * batch), 2 * found, rtol=1e-3, atol=1e-4)


def test_a_patch_larger_than_the_map_is_refused():
    with pytest.raises(UserError, match="do not fit in 4 x 4"):
        KernelNetwork.fit(images(2, 4, 4, 1), [LayerShape(5, 4, 1)], np.random.default_rng(0))
