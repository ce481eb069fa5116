"""A random forest in plain Python: trees by trying everything, on rows drawn with replacement."""

import numpy as np

from tests.reference.trees.grow import tree


def forest(x, y, bags, leaves, least):
    """Return what the trees say of the rows [R, N]: means of y [N], each row as often as drawn.

    bags [R, N]: how often a tree has drawn a row.
    """
    said = np.empty((len(bags), len(x)))
    for out, counts in zip(said, bags, strict=True):
        for rows in tree(x, -counts * (y - y.mean()), counts, leaves, 0.0, least):
            out[rows] = (counts[rows] * y[rows]).sum() / counts[rows].sum()
    return said
