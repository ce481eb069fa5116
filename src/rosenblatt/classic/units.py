"""Units in which values are of order one, so that float32 and squares hold them."""

import numpy as np


def units(values: np.ndarray) -> np.ndarray:
    """Return for each column of values [N, T] the power of two above its largest |value|, [T].

    A power of two, for dividing by it rounds no bit; 1 where all are 0.
    """
    return np.ldexp(1.0, np.frexp(np.abs(values).max(0))[1])


def deviations(centred: np.ndarray) -> np.ndarray:
    """Return the root mean squares of columns [N, T], [T]; no square over- or underflows."""
    unit = units(centred)
    return np.sqrt(np.square(centred / unit).mean(0)) * unit
