"""The register tile against its definition, which its module's docstring gives."""

import numba
import numpy as np
import pytest

from rosenblatt.kernels.core import tile as tiles
from rosenblatt.kernels.core.jit import JIT_DISABLED

SHAPES = {  # rows, columns, columns of a packed panel, those that exist
    "wide_tile": (tiles.WIDE_ROWS, tiles.WIDE, tiles.WIDE, tiles.WIDE),
    "short_tile": (tiles.SHORT_ROWS, tiles.WIDE, tiles.WIDE, tiles.WIDE),
    "narrow_tile": (tiles.NARROW_ROWS, tiles.NARROW, tiles.NARROW, 5),
    "pair_tile": (tiles.PAIR_ROWS, tiles.PAIR, tiles.WIDE, tiles.PAIR),
    "short_pair_tile": (tiles.SHORT_PAIR_ROWS, tiles.PAIR, tiles.WIDE, tiles.PAIR),
}


def compiled(name):
    """Return a tile, an intrinsic, as a function that Python can call."""
    tile = getattr(tiles, name)
    if JIT_DISABLED:
        return tile

    def run(x, places, offsets, w, start, out, floor):
        tile(x, places, offsets, w, start, out, floor)

    return numba.njit(error_model="numpy")(run)


def written_out(x, places, offsets, w, columns):
    """Return sum over k of x[places[r] + offsets[k]] w[k, j], one product after the other."""
    sums = np.zeros((len(places), columns))
    for r, place in enumerate(places):
        for k, offset in enumerate(offsets):
            for j in range(columns):
                sums[r, j] += float(x[place + offset]) * float(w[k, j])
    return sums


@pytest.mark.parametrize("name", SHAPES)
def test_a_tile_equals_its_definition(name):
    (R, columns, panel, width), rng = SHAPES[name], np.random.default_rng(5)
    run = compiled(name)
    for count, floor, scale in ((0, -np.inf, 0), (1, 0.0, 0), (9, -np.inf, 1), (9, 0.0, 1)):
        x = rng.standard_normal(200).astype(np.float32)
        places, offsets = rng.integers(0, 150, R + 2), rng.integers(0, 50, count + 3)
        w = rng.standard_normal((columns // panel, count, panel)).astype(np.float32)
        flat = np.concatenate([np.zeros(4, np.float32), w.reshape(-1)])
        out = rng.standard_normal(2 * (R + 1) * 40).astype(np.float32)
        rows = 40 * rng.permutation(R + 1)
        bias = rng.standard_normal(3 + columns + 5).astype(np.float32)
        apart, bias_apart = out.size // 2, panel + 5  # of a pair's second panel
        second, within = np.divmod(np.arange(width), panel)
        before = out.copy()
        start = tiles.Start(out, 2, 1, apart) if scale else tiles.Start(bias, 3, 0, bias_apart)
        run(
            x, tiles.Entries(places, 2, R), tiles.Entries(offsets, 3, count),
            tiles.Panels(flat, 4, count * panel), start,
            tiles.Output(out, rows, 1, 2, width, apart), np.float32(floor),
        )  # fmt: skip
        sums = written_out(x, places[2:], offsets[3:], np.concatenate(w, 1), width)
        expected = before.copy()
        for r in range(R):
            row = 2 + rows[1 + r] + second * apart + within
            begin = before[row] if scale else bias[3 + second * bias_apart + within]
            expected[row] = np.maximum(floor, begin + sums[r])
        np.testing.assert_allclose(out, expected, atol=2e-5)
