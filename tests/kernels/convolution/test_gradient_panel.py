import numpy as np
import pytest

from rosenblatt.kernels.convolution import gradient_panel
from rosenblatt.kernels.core.vectors import LANES
from tests.kernels.convolution.intrinsics import callable_of


@pytest.mark.parametrize(
    ("name", "columns", "widths"), [("wide", 2 * LANES, [16]), ("narrow", LANES, [1, 5, 8])]
)
@pytest.mark.parametrize("gated", [False, True])
def test_rows_are_gated_packed_and_summed(name, columns, widths, gated):
    pack = callable_of(getattr(gradient_panel, f"pack_{name}{'_gated' if gated else ''}"), 2)
    rng = np.random.default_rng(1)
    for count in (1, 7):
        for width in widths:
            d, gate = rng.integers(-4, 5, (2, 200)).astype(np.float32)
            panel, sums = np.full(200, np.nan, np.float32), np.full(40, 3, np.float32)
            pixels = gradient_panel.Pixels(d, gate, 5, 19, count, width)
            pack(pixels, gradient_panel.Packed(panel, sums, 2))
            expected = np.zeros((count, columns))
            for k in range(count):
                for j in range(width):
                    at = 5 + k * 19 + j
                    expected[k, j] = 0 if gated and not gate[at] > 0 else d[at]
            np.testing.assert_array_equal(panel[: count * columns].reshape(count, -1), expected)
            np.testing.assert_array_equal(sums[2 : 2 + columns], 3 + expected.sum(0))
            assert np.isnan(panel[count * columns :]).all()
