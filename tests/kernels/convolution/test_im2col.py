import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution.geometry import geometry
from rosenblatt.kernels.convolution.im2col import col2im, im2col
from tests.reference.convolution import im2col as reference

small = st.integers(1, 4)


@given(st.tuples(small, *[st.integers(1, 7)] * 2, small), small, small, small, st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_im2col_lists_all_windows_and_col2im_is_its_transpose(shape, KH, KW, stride, padding):
    KH, KW = min(KH, shape[1] + 2 * padding), min(KW, shape[2] + 2 * padding)
    rng = np.random.default_rng(0)
    x = rng.integers(-4, 5, shape).astype(np.float32)
    expected = reference.im2col(x, (KH, KW), stride, padding)
    g = geometry(shape, (KH, KW, shape[3], 1), stride, padding)
    columns = np.full_like(expected, np.nan)
    im2col(x, columns, g)
    np.testing.assert_array_equal(columns, expected)

    d_columns = rng.integers(-4, 5, columns.shape).astype(np.float32)
    d_x = np.full_like(x, np.nan)
    col2im(d_columns, d_x, g)
    # The transpose is what makes <im2col x, d> = <x, col2im d>; these sums of integers are exact.
    assert (columns * d_columns).sum() == (x * d_x).sum()
    ones = np.ones_like(columns)
    col2im(ones, d_x, g)
    unit = np.zeros_like(x)
    for place in list(np.ndindex(shape))[:: max(1, x.size // 5)]:
        unit[place] = 1
        assert reference.im2col(unit, (KH, KW), stride, padding).sum() == d_x[place]
        unit[place] = 0
