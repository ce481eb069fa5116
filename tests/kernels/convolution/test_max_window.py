import numpy as np
import pytest

from rosenblatt.kernels.convolution import max_window
from rosenblatt.kernels.core.copying import Run
from rosenblatt.kernels.core.vectors import LANES
from tests.kernels.convolution.intrinsics import callable_of

CODES = np.array([3, 7, 1, 200])


def window_of(array, width):
    return max_window.Window(array, 4, np.array([0, 30, 9, 51]), CODES, 4, width)


@pytest.mark.parametrize(("few", "widths"), [("", [LANES]), ("_few", [1, 5, 7])])
def test_the_largest_is_found_and_its_gradient_goes_back(few, widths):
    largest = callable_of(getattr(max_window, f"largest{few}"), 3)
    spread = callable_of(getattr(max_window, f"spread{few}"), 3)
    rng = np.random.default_rng(2)
    for width in widths:
        x = rng.integers(-2, 3, 80).astype(np.float32)  # often tied
        x[4 + 9] = np.nan
        out, switches = np.full(20, 99, np.float32), np.full(20, 99, np.uint8)
        largest(window_of(x, width), Run(out, 3), Run(switches, 3))
        d_x, d_out = np.full(80, 99, np.float32), rng.random(20).astype(np.float32)
        spread(window_of(d_x, width), Run(d_out, 3), Run(switches, 3))
        expected = np.full(80, 99, np.float32)
        for lane in range(width):
            places = 4 + window_of(x, width).offsets + lane
            best = int(np.argmax(x[places]))  # NaN counts as the largest, the first of equals
            np.testing.assert_array_equal(out[3 + lane], x[places[best]])
            assert switches[3 + lane] == CODES[best]
            expected[places] = 0
            expected[places[best]] = d_out[3 + lane]
        np.testing.assert_array_equal(d_x, expected)
        assert (out[3 + width :] == 99).all()
