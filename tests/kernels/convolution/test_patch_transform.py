import numpy as np
import pytest

from rosenblatt.kernels.convolution.patch_transform import Square, patch_transform
from rosenblatt.kernels.core.copying import Run
from tests.kernels.convolution.intrinsics import callable_of

FACTORS = [[1, 0, -1], [0, 2, 0.5]], [[1, 1, 0, 0], [0, -1, 3, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize("factors", [FACTORS, FACTORS[1:]])
@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize("lanes", [8, 16])
def test_a_patch_is_transformed_by_the_product_of_its_factors(factors, finished, lanes):
    matrix = np.linalg.multi_dot([*map(np.array, factors), np.eye(4)])
    rng, size = np.random.default_rng(3), len(factors[0])
    source = rng.integers(-4, 5, 500).astype(np.float32)
    target, start = np.full(500, np.nan, np.float32), rng.integers(-9, 9, 20).astype(np.float32)
    transform = callable_of(patch_transform(factors, lanes, finished), 4 if finished else 2)
    more = (Run(start, 3), np.float32(1)) if finished else ()
    transform(Square(source, 5, 70, 11), Square(target, 2, 80, 17), *more)
    for i, j, lane in np.ndindex(size, size, lanes):
        total = 0.0
        for k, m in np.ndindex(4, 4):
            total += matrix[i, k] * source[5 + k * 70 + m * 11 + lane] * matrix[j, m]
        expected = max(1, total + start[3 + lane]) if finished else total
        assert target[2 + i * 80 + j * 17 + lane] == expected
    assert np.isfinite(target).sum() == size * size * lanes
