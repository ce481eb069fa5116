import numpy as np
import pytest

from rosenblatt.kernels.convolution import conv_single_channel as single_channel
from rosenblatt.kernels.convolution.geometry import Geometry
from tests.kernels.convolution.samples import arrays
from tests.reference.convolution import direct, pooling


@pytest.mark.parametrize(
    "g",
    [
        Geometry(2, 2, 1, 1, 1, 1, 1, 0),
        Geometry(12, 13, 1, 5, 5, 6, 1, 0),
        Geometry(7, 21, 1, 3, 4, 5, 1, 2),
    ],
)
@pytest.mark.parametrize("N", [0, 1, 3])
def test_a_pooled_convolution_equals_its_twin(g, N):
    x, weight, bias, _ = arrays(g, N, np.float32)
    shape = N, g.output[0] // 2, g.output[1] // 2, g.F
    out, switches = np.full(shape, np.nan, np.float32), np.full(shape, 99, np.uint8)
    assert single_channel.takes(g, 2)
    single_channel.convolve_pool(x, weight, bias, g, 2, 0.0, out, switches)
    full = np.maximum(direct.convolve(x, weight, bias, g), 0)
    expected, places = pooling.max_pool(full, 2, 2)
    np.testing.assert_allclose(out, expected, atol=1e-5)
    apart = [abs(np.diff(np.sort(w.ravel())[-2:])[0]) > 1e-4 or w.max() == 0
             for _, w in pooling.windows(full, 2, 2)]  # fmt: skip
    assert (switches == places)[np.reshape(apart, shape).astype(bool)].all()
