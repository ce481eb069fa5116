"""The twin of pooling by windows of any form: plain loops over windows and their taps."""

import numpy as np


def taps_inside(w, y, p, sides):
    """Yield (code, (row, column)) of a window's taps in the image, the first column first."""
    for kx in range(w.KW):
        for ky in range(w.KH):
            row, column = (
                y * w.down + ky * w.step_y - w.above,
                p * w.across + kx * w.step_x - w.left,
            )
            if 0 <= row < sides[0] and 0 <= column < sides[1]:
                yield ky * w.KW + kx, (row, column)


def pool_any(x, d_out, w, count):
    """Return maxima, codes and gradient to x, then means of pixels, and gradient, of any windows.

    count(y, p, pixels) tells by what a mean's sum is divided.
    """
    out, means, codes = np.zeros(d_out.shape), np.zeros(d_out.shape), np.zeros(d_out.shape, int)
    d_max, d_mean = np.zeros(x.shape), np.zeros(x.shape)
    for n, y, p, c in np.ndindex(d_out.shape):
        taps = list(taps_inside(w, y, p, x.shape[1:3]))
        values = [x[n, row, column, c] for _, (row, column) in taps]
        code, (row, column) = taps[int(np.argmax(values))]
        out[n, y, p, c], codes[n, y, p, c] = max(values), code
        d_max[n, row, column, c] += d_out[n, y, p, c]
        divisor = count(y, p, len(taps))
        means[n, y, p, c] = sum(map(float, values)) / divisor
        for _, (row, column) in taps:
            d_mean[n, row, column, c] += d_out[n, y, p, c] / divisor
    return out, codes, d_max, means, d_mean
