"""What the tests of the three cells share: sequences of odd sizes, their twin, their gradients."""

import numpy as np

from rosenblatt.kernels.recurrent.blocks import UNITS, from_blocks, to_blocks
from tests.gradients import assert_gradient
from tests.kernels.recurrent.test_products import gate_runs
from tests.reference.recurrent import cells as reference

SHAPES = [(1, 1, 1), (3, 2, 18)]  # N, T, H


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def mask_of(N, T):
    """Return which steps count, of sequences of 1 to T steps; nothing, hence all, of one sample."""
    return np.arange(T)[:, None] <= np.arange(N) % T if N > 1 else np.ones((0, 0), bool)


def empty_runs(T, G, N, H):
    """Return room for gates [T, B, G, N x 16]."""
    return np.zeros((T, -(-H // UNITS), G, N * UNITS))


def check(forward, backward, cell, weights, gates, shape, states=1):
    """Compare a cell's kernels with its twin and with central differences.

    forward(state [N, states H], sums [T, B, G, N x 16], mask) gives (hidden [T + 1, N, H], cache);
    backward(d_hidden, mask, cache) the gradients to the sums and to the first state, in runs.
    The twin's inputs are the sums: its own weight of the inputs is the identity.
    """
    N, T, H = shape
    rows, mask = numbers(T * N, gates * H), mask_of(N, T)
    state, d_hidden = numbers(N, states * H, seed=1), numbers(T, N, H, seed=2)
    weights = {**weights, "weight": np.eye(gates * H), "bias": 0.0}
    hidden, cache = forward(state, gate_runs(rows, N, T, gates), mask)
    steps = rows.reshape(T, N, -1)
    for n in range(N):
        length = int(mask[:, n].sum()) if mask.size else T
        outputs, _ = reference.sequence(cell, weights, steps[:, n], state[n], length)
        np.testing.assert_allclose(hidden[1:, n], outputs, atol=1e-12)

    d_sums, d_states = backward(d_hidden, mask, cache)

    def value():
        again, _ = forward(state, gate_runs(rows, N, T, gates), mask)
        return float((again[1:] * d_hidden).sum())

    d_rows = np.empty((T, N, gates, H))
    for t, g in np.ndindex(T, gates):
        d_rows[t, :, g] = rows_of(np.ascontiguousarray(d_sums[t, :, g]), N, H)
    few = slice(2 * N), slice(None, None, 7)
    assert_gradient(value, rows[few], d_rows.reshape(rows.shape)[few])
    d_state = np.concatenate([rows_of(runs, N, H) for runs in d_states], 1)
    assert_gradient(value, state, d_state)


def rows_of(runs, N, H):
    rows = np.empty((N, H))
    from_blocks(runs, rows)
    return rows


def runs_of(rows):
    N, H = rows.shape
    runs = np.empty((-(-H // UNITS), N * UNITS))
    to_blocks(np.ascontiguousarray(rows), runs)
    return runs


def states_of(state, T):
    """Return hidden states [T + 1, N, H], of which the first is given."""
    hidden = np.full((T + 1, *state.shape), np.nan)
    hidden[0] = state
    return hidden
