import numpy as np
import pytest

from rosenblatt.kernels.convolution.geometry import Geometry, backward_tables, forward_tables
from rosenblatt.kernels.core.tile import NARROW_ROWS
from tests.reference.convolution import direct, im2col

SHAPES = [
    Geometry(1, 1, 1, 1, 1, 1, 1, 0),
    Geometry(5, 7, 2, 3, 2, 4, 2, 1),
    Geometry(6, 5, 3, 2, 2, 2, 3, 0),  # a stride beyond the kernel
]


def scratch_of(x, frame):
    """Return one sample [H, W, C] within its frame, flat."""
    H, W, C = x.shape
    whole = np.zeros((frame.above + H + frame.rows, frame.left + W + frame.columns, C))
    whole[frame.above : frame.above + H, frame.left : frame.left + W] = x
    return whole[: frame.rows, : frame.columns].reshape(-1)


def entries(table):
    return table[: table.size - NARROW_ROWS]


@pytest.mark.parametrize("g", SHAPES)
def test_the_tables_are_the_im2col_that_is_never_stored(g):
    tables, share = forward_tables(g, whole=True)
    x = np.arange(1.0, g.H * g.W * g.C + 1).reshape(g.H, g.W, g.C)
    places, taps = entries(tables.places), entries(tables.taps)
    found = scratch_of(x, share.frame)[places[:, None] + taps]
    expected = im2col.im2col(x[None], (g.KH, g.KW), g.stride, g.padding)[0]
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(entries(tables.rows), np.arange(len(places)) * g.F)


@pytest.mark.parametrize("g", SHAPES)
def test_the_phases_lead_each_gradient_home(g):
    rng = np.random.default_rng(1)
    d, weight = rng.random((*g.output, g.F)), rng.random((g.KH, g.KW, g.C, g.F))
    frame, phases = backward_tables(g)
    scratch, d_x = scratch_of(d, frame), np.zeros(g.H * g.W * g.C)
    for numbers, tables in phases:
        taps = weight.reshape(-1, g.C, g.F)[numbers].transpose(0, 2, 1).reshape(-1, g.C)
        places, offsets = entries(tables.places), entries(tables.taps)
        for place, row in zip(places, entries(tables.rows), strict=True):
            d_x[row : row + g.C] = scratch[place + offsets] @ taps
    x = np.zeros((1, g.H, g.W, g.C))
    expected = direct.input_gradient(x, d[None], weight, g)
    np.testing.assert_allclose(d_x.reshape(expected.shape), expected, atol=1e-12)


def test_small_samples_share_a_task_and_large_ones_are_cut():
    assert forward_tables(SHAPES[0])[1].samples > 1
    _, share = forward_tables(Geometry(300, 300, 8, 3, 3, 8, 1, 1))
    assert share.samples == 1
    assert 1 <= share.band < 300
