from itertools import product

import numpy as np
import pytest

from rosenblatt.kernels.recurrent import blocks
from rosenblatt.kernels.recurrent.blocks import UNITS

SHAPES = [(1, 1), (3, 16), (2, 35)]


def runs_of(rows):
    """Return rows [N, H] as runs [B, N x 16]: each unit looked up by itself, zeros beyond."""
    N, H = rows.shape
    out = np.zeros((-(-H // UNITS), N * UNITS), rows.dtype)
    for n, h in np.ndindex(N, H):
        out[h // UNITS, n * UNITS + h % UNITS] = rows[n, h]
    return out


def rows_of(N, H, seed=0):
    return np.random.default_rng(seed).integers(-9, 9, (N, H)).astype(np.float32)


@pytest.mark.parametrize(("N", "H"), SHAPES)
def test_rows_go_to_runs_and_back(N, H):
    rows, runs = rows_of(N, H), np.full((blocks.block_count(H), N * UNITS), np.nan, np.float32)
    blocks.to_blocks(rows, runs)
    np.testing.assert_array_equal(runs, runs_of(rows))
    for b in range(len(runs)):
        blocks.add_block(rows, b, runs[b])
    np.testing.assert_array_equal(runs, 2 * runs_of(rows))
    back = np.full_like(rows, np.nan)
    blocks.from_blocks(runs, back)
    np.testing.assert_array_equal(back, 2 * rows)


@pytest.mark.parametrize(("N", "H"), SHAPES)
@pytest.mark.parametrize("K", [1, 300])
def test_rows_times_packed_weights_are_added_to_runs(N, H, K):
    """300 terms are more than a panel has."""
    x, weight, rows = rows_of(N, K, 1), rows_of(K, H, 2), rows_of(N, H, 3)
    expected = runs_of(rows + (x.astype(np.float64) @ weight).astype(np.float32))
    tables = blocks.Tables(blocks.row_table(N, K), np.arange(K), blocks.row_table(N, UNITS))
    B = blocks.block_count(H)
    for transposed, together in product((False, True), (1, 2, B)):
        packed = np.full(B * K * UNITS, np.nan, np.float32)
        runs = runs_of(rows)
        for b in range(B):
            if transposed:
                blocks.pack_transposed(np.ascontiguousarray(weight.T), b, packed)
            else:
                blocks.pack_gates(weight, 1, b, packed)
        for b in range(0, B, together):
            some = runs[b : b + together]
            blocks.add_product(x.reshape(-1), tables, packed, b * K * UNITS, some)
        np.testing.assert_array_equal(runs, expected)


@pytest.mark.parametrize("gates", [1, 3])
def test_gates_are_packed_one_after_another(gates):
    H, K = 18, 2
    weight, B = rows_of(K, gates * H), 2
    packed = np.full(B * gates * K * UNITS, np.nan, np.float32)
    for b in range(B):
        blocks.pack_gates(weight, gates, b, packed)
    panels = packed.reshape(B, gates, K, UNITS)
    for gate in range(gates):
        expected = runs_of(weight[:, gate * H : (gate + 1) * H]).reshape(B, K, UNITS)
        np.testing.assert_array_equal(panels[:, gate], expected)
    offsets = blocks.gate_offsets(2, H, gates, gates - 1, 1)
    gate_runs = np.zeros((B, gates, 2 * UNITS), np.float32)
    rows = rows_of(2, H, 4)
    gate_runs[:, gates - 1] = runs_of(rows)
    for n in range(2):
        np.testing.assert_array_equal(gate_runs.reshape(-1)[offsets + n * UNITS], rows[n])


@pytest.mark.parametrize("masked", [False, True])
def test_masked_samples_are_kept_or_set_to_zero(masked):
    mask = np.array([[True, True, True], [True, False, True]]) if masked else np.ones((0, 0), bool)
    first, second = np.arange(48.0), -np.arange(48.0)
    kept, zeroed = second.copy(), second.copy()
    blocks.keep_masked(mask, 1, first, kept)
    blocks.zero_masked(mask, 1, zeroed)
    ended = np.zeros(48, bool)
    ended[UNITS : 2 * UNITS] = masked
    np.testing.assert_array_equal(kept, np.where(ended, first, second))
    np.testing.assert_array_equal(zeroed, np.where(ended, 0, second))


def test_a_short_step_is_run_by_one_thread():
    before = blocks.use_threads(2)
    with blocks.team(1):
        assert blocks.use_threads(1) == 1
    with blocks.team(blocks.SHARED):
        pass
    assert blocks.use_threads(before) == before or before == 1
    blocks.use_threads(before)
