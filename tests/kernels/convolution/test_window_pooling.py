import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution import window_pooling as pooling
from rosenblatt.kernels.convolution.window_pooling import Windows
from rosenblatt.layers.windows import Axis
from tests.kernels.convolution.test_pooling import images
from tests.reference.convolution import window_pooling as reference


@st.composite
def axis(draw):
    """Draw windows along a side, each of which sees some of it, and how many there are."""
    size, stride, dilation = (draw(st.integers(1, 3)) for _ in range(3))
    side = draw(st.integers(1, 7))
    before = draw(st.integers(0, min(side - 1, dilation * (size - 1))))
    # the last windows begin on the side, so that they see its pixel
    count = draw(st.integers(1, (side - 1 + before) // stride + 1))
    places = np.arange(count)[:, None] * stride - before + np.arange(size) * dilation
    if not ((places >= 0) & (places < side)).any(1).all():
        before = 0
        count = (side - 1) // stride + 1
    return Axis(size, stride, dilation, before), side, count


@given(axis(), axis(), st.integers(1, 3), st.integers(1, 9), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_any_windows_equal_their_naive_twin(down, across, N, C, seed):
    (rows, H, HO), (columns, W, WO) = down, across
    w = Windows(
        rows.size, columns.size, rows.stride, columns.stride, rows.dilation, columns.dilation,
        rows.before, columns.before,
    )  # fmt: skip
    x, d_out = images((N, H, W, C), seed), images((N, HO, WO, C), seed + 1)
    whole = pooling._plain(w, x.shape, d_out.shape)

    def count(y, p, pixels):
        return w.KH * w.KW if whole else pixels + y + p  # any numbers

    shares = np.array(
        [
            [1 / count(y, p, len(list(reference.taps_inside(w, y, p, (H, W))))) for p in range(WO)]
            for y in range(HO)
        ],
        np.float32,
    )
    expected, codes, d_max, means, d_mean = reference.pool_any(x, d_out, w, count)
    out, switches = np.full_like(d_out, np.nan), np.full(d_out.shape, 255, np.uint8)
    d_x = np.full_like(x, np.nan)
    pooling.max_pool(x, w, out, switches)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(switches, codes)
    pooling.max_pool_gradient(d_out, switches, w, d_x)
    np.testing.assert_array_equal(d_x, d_max)
    pooling.average_pool(x, shares, w, out)
    np.testing.assert_allclose(out, means, atol=1e-5)
    pooling.average_pool_gradient(d_out, shares, w, d_x)
    np.testing.assert_allclose(d_x, d_mean, atol=1e-5)


def test_nan_is_the_largest_and_padding_is_never_chosen():
    w = Windows(3, 3, 2, 2, 1, 1, 1, 1)
    x = np.full((1, 2, 2, 1), -np.inf, np.float32)
    out, switches = np.empty((1, 1, 1, 1), np.float32), np.empty((1, 1, 1, 1), np.uint8)
    pooling.max_pool(x, w, out, switches)
    assert out[0, 0, 0, 0] == -np.inf
    assert switches[0, 0, 0, 0] == 4  # the first pixel lies in the middle of the window
    x[0, 1, 1, 0] = np.nan
    pooling.max_pool(x, w, out, switches)
    assert np.isnan(out[0, 0, 0, 0])
