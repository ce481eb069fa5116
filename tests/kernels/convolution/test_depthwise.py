import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution import depthwise, dispatch
from rosenblatt.kernels.convolution.geometry import Geometry
from tests.kernels.convolution.samples import deviations
from tests.kernels.convolution.test_direct import DTYPES, windows


@st.composite
def channel_by_channel(draw):
    C = draw(st.sampled_from([2, 3, 8, 13, 19, 40]))
    return draw(windows(C, C * draw(st.integers(1, 3)), C))


@pytest.mark.parametrize("dtype", DTYPES)
@given(channel_by_channel(), st.integers(1, 9), st.booleans())
@settings(max_examples=25, deadline=None)
def test_depthwise_equals_the_naive_convolution(dtype, g, N, gated):
    assert dispatch.method(dispatch.PLAIN, g, N) is depthwise
    for error, count in deviations(depthwise, g, N, dtype, gated):
        assert error <= 8 * np.finfo(dtype).eps * count**0.5 * (1 + count**0.5 / 8)


def test_channels_of_large_samples_are_cut():
    g = Geometry(60, 62, 40, 3, 3, 40, 1, 1, groups=40)
    _, frame, _, _ = depthwise._tables(g)
    assert depthwise._channels(frame, g.F) == 32
    for error, count in deviations(depthwise, g, 2, np.float32, True):
        assert error <= 8 * np.finfo(np.float32).eps * count**0.5 * (1 + count**0.5 / 8)
