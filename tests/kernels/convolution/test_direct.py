import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution import direct
from rosenblatt.kernels.convolution.geometry import Geometry, geometry
from tests.kernels.convolution.samples import deviations

DTYPES = [np.float32, np.float64]
sides = st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9])


@st.composite
def any_geometry(draw):
    """Draw a geometry for the direct method: padding beyond the kernel, stride beyond it too."""
    C, F = draw(st.sampled_from([1, 2, 3, 8])), draw(st.sampled_from([1, 2, 6, 16, 19, 33]))
    return draw(windows(C, F))


@st.composite
def windows(draw, C, F, groups=1):
    """Draw where the taps lie: rows and columns alike, or each in its own way."""
    KH, KW = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    if draw(st.booleans()):
        stride, padding, dilation = draw(st.integers(1, 6)), draw(st.integers(0, 6)), 1
    else:
        stride, dilation = (draw(st.tuples(*[st.integers(1, 3)] * 2)) for _ in range(2))
        padding = draw(st.tuples(*[st.tuples(*[st.integers(0, 4)] * 2)] * 2))
    g = geometry((1, 1, 1, C), (KH, KW, C, F), stride, padding, dilation, groups)
    sides_of = (
        max(draw(sides), step * (taps - 1) + 1 - sum(border), 1)
        for taps, step, border in zip((KH, KW), g.dilations, g.borders, strict=True)
    )
    H, W = sides_of
    return g._replace(H=H, W=W)


@pytest.mark.parametrize("dtype", DTYPES)
@given(any_geometry(), st.integers(1, 9), st.booleans())
@settings(max_examples=25, deadline=None)
def test_direct_equals_the_naive_convolution(dtype, g, N, gated):
    for error, count in deviations(direct, g, N, dtype, gated):
        assert error <= 8 * np.finfo(dtype).eps * count**0.5 * (1 + count**0.5 / 8)


def test_large_images_are_cut_into_bands_and_many_samples_into_blocks():
    for g, N in (
        (Geometry(150, 90, 8, 3, 3, 8, 1, 1), 1),
        (Geometry(9, 9, 64, 3, 3, 64, 1, 1), 40),
    ):
        for error, count in deviations(direct, g, N, np.float32, False):
            assert error <= 250 * np.finfo(np.float32).eps * count**0.5
