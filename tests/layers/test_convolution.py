"""The fast convolution layer against the textbook one, im2col and a matrix product."""

import numpy as np
import pytest

from rosenblatt.layers import Convolution
from tests.reference.convolution.im2col import im2col


@pytest.mark.parametrize(
    ("size", "stride", "padding", "shape"),
    [(3, 1, "same", (2, 9, 7, 5)), (5, 2, 1, (3, 11, 8, 3)), (1, 3, 0, (1, 4, 4, 17))],
)
def test_forward_equals_im2col_times_weights(size, stride, padding, shape):
    layer = Convolution(18, size, stride, padding, activation="relu")
    output_shape = layer.build(shape[1:], np.random.default_rng(0))
    layer.bias.value[:] = np.linspace(-1, 1, 18)
    x = np.random.default_rng(1).random(shape).astype(np.float32)
    rows = im2col(x.astype(float), (size, size), stride, layer.axes[0].before)
    weight = layer.weight.value.reshape(-1, 18).astype(float)
    expected = np.maximum(rows @ weight + layer.bias.value, 0).reshape(shape[0], *output_shape)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-5)


def test_multiply_adds_are_those_of_the_matrix_product():
    layer = Convolution(16, 5)
    assert layer.multiply_adds((14, 14, 6)) == 10 * 10 * 16 * 5 * 5 * 6
