"""Rows down the trees: against a walk in plain Python."""

import numpy as np

from rosenblatt.classic import BoostedTreesRegressor


def test_each_row_goes_where_the_masks_tell():
    rng = np.random.default_rng(4)
    x = rng.integers(0, 50, (600, 3)).astype(float)
    x[rng.random(x.shape) < 0.1] = np.nan
    y = np.stack([np.nan_to_num(x[:, 0]), np.nan_to_num(x[:, 1] * x[:, 2])], 1)
    machine = BoostedTreesRegressor(rounds=7).fit(x, y)
    wanted = np.tile(machine.start_, (600, 1))
    for i in range(600):
        for t, values in enumerate(machine.value_):
            node = 0
            while node >= 0:
                f = machine.feature_[t, node]
                cuts = machine.cuts_[machine.cut_starts_[f] : machine.cut_starts_[f + 1]]
                code = len(cuts) + 1 if np.isnan(x[i, f]) else int((cuts < x[i, f]).sum())
                left = int(machine.mask_[t, node, code // 64]) >> (code % 64) & 1
                node = int(machine.child_[t, node, 0 if left else 1])
            wanted[i, t % 2] += values[~node]
    np.testing.assert_array_equal(machine.predict(x), wanted)
