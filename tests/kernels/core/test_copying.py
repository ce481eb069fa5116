import numpy as np
import pytest

from rosenblatt.kernels.core.copying import Block, copy_block, fill, rectify, transpose_block

SHAPES = [(0, 0), (1, 1), (3, 16), (8, 8), (9, 7), (17, 25), (16, 24)]


def source_and_target(shape):
    """Return two flat arrays, with room for blocks whose rows are 5 and 3 elements further apart.

    All numbers differ, so that one read from the wrong place is seen.
    """
    rows, columns = shape
    source = np.arange(4 + rows * (columns + 5), dtype=np.float32)
    target = -1 - np.arange(2 + (max(shape) + 1) * (max(shape) + 3), dtype=np.float32)
    return source, target


@pytest.mark.parametrize("shape", SHAPES)
def test_a_block_is_copied_number_by_number_and_nothing_else_is_touched(shape):
    columns = shape[1]
    source, target = source_and_target(shape)
    expected = target.copy()
    for i, j in np.ndindex(shape):
        expected[2 + i * (columns + 3) + j] = source[4 + i * (columns + 5) + j]
    copy_block(Block(source, 4, columns + 5), Block(target, 2, columns + 3), *shape)
    np.testing.assert_array_equal(target, expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_block_is_transposed_number_by_number(shape):
    rows, columns = shape
    source, target = source_and_target(shape)
    expected = target.copy()
    for i, j in np.ndindex(shape):
        expected[2 + j * (rows + 3) + i] = source[4 + i * (columns + 5) + j]
    transpose_block(Block(source, 4, columns + 5), Block(target, 2, rows + 3), *shape)
    np.testing.assert_array_equal(target, expected)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_runs_are_filled_and_rectified(count):
    target, gate = np.arange(1, 13, dtype=np.float32), np.tile([1, 0, -1, np.nan], 3)
    expected = target.tolist()
    for i in range(count):
        expected[2 + i] = expected[2 + i] if gate[1 + i] > 0 else 0.0
    rectify(target, 2, gate.astype(np.float32), 1, count)
    np.testing.assert_array_equal(target, expected)
    fill(target, 3, count, 7)
    expected[3 : 3 + count] = [7] * count
    np.testing.assert_array_equal(target, expected)
