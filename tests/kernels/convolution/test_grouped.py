import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution import dispatch, grouped
from tests.kernels.convolution.samples import deviations
from tests.kernels.convolution.test_direct import windows


@st.composite
def some_groups(draw):
    groups, C, F = draw(st.integers(2, 3)), draw(st.integers(2, 4)), draw(st.integers(1, 9))
    return draw(windows(groups * C, groups * F, groups))


@given(some_groups(), st.integers(1, 9), st.booleans())
@settings(max_examples=25, deadline=None)
def test_groups_equal_the_naive_convolution(g, N, gated):
    assert dispatch.method(dispatch.PLAIN, g, N) is grouped
    for error, count in deviations(grouped, g, N, np.float32, gated):
        assert error <= 8 * np.finfo(np.float32).eps * count**0.5 * (1 + count**0.5 / 8)
