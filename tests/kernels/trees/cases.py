"""A small table in bins and words, with whole numbers for gradients."""

import numpy as np

from rosenblatt.classic import BoostedTreesRegressor
from rosenblatt.classic.binned import in_words
from rosenblatt.kernels.trees.split import Rules, Scale

SHIFT, L2, LEAST = 20, 1.0, 3.0
SCALE = Scale(SHIFT, 0.5, 1.0)
RULES = Rules(5, L2, 0.0, LEAST, 0.0, 0.0, 0.0, 32, 0)


def table(seed, rows=70):
    """Return x [N, 4] with gaps, its bins, words and columns, g and h [N], and both packed."""
    rng = np.random.default_rng(seed)
    x = np.floor(rng.random((rows, 4)) * [3, 2, 40, 9])
    x[rng.random(x.shape) < 0.1] = np.nan
    machine = BoostedTreesRegressor()
    machine._learn_bins(x, rng)
    words, columns = in_words(x, machine._bins)
    g, h = rng.integers(-50, 51, rows), rng.integers(1, 4, rows)
    return x, machine._bins, words, columns, g * 0.5, h * 1.0, (g << SHIFT) + h
