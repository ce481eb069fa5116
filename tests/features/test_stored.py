"""Gram matrices kept on the disk: the same numbers, computed once, within bounds."""

from dataclasses import dataclass

import numpy as np
import pytest

from rosenblatt.cache import NOWHERE, SEAL
from rosenblatt.features.gram import Kernel, Linear
from rosenblatt.features.stored import Stored

X = np.random.default_rng(0).random((7, 3)).astype(np.float32)


@dataclass(frozen=True)
class Counting(Kernel):
    """A linear kernel that tells how many rows it was asked for."""

    asked: list

    def __call__(self, x, y=None):
        self.asked.append(len(x))
        return Linear()(x, y)

    def diagonal(self, x):
        return Linear().diagonal(x)

    def __repr__(self):
        return "Counting()"


@pytest.mark.parametrize(
    ("memory", "blocks"), [(1 << 20, [7]), (2 * 4 * 7, [2, 2, 2, 1]), (1, [1] * 7)]
)
def test_a_matrix_is_computed_once_in_blocks_within_memory(tmp_path, memory, blocks):
    asked = []
    kernel = Stored(Counting(asked), tmp_path, memory)
    first = kernel(X)
    assert asked == blocks
    np.testing.assert_allclose(first, X @ X.T, rtol=1e-6)
    again = Stored(Counting(asked), tmp_path)(X)
    assert asked == blocks
    np.testing.assert_array_equal(first, again)
    assert not again.flags.writeable


def test_kernel_and_samples_decide(tmp_path):
    Linear()(X)
    cases = [
        (Linear(), (X,), X @ X.T),
        (2 * Linear(), (X,), 2 * X @ X.T),
        (Linear(), (X, X[:4]), X @ X[:4].T),
        (Linear(), (X[:4],), X[:4] @ X[:4].T),
    ]
    for count, (kernel, samples, wanted) in enumerate(cases, 1):
        np.testing.assert_allclose(Stored(kernel, tmp_path)(*samples), wanted, rtol=1e-6)
        assert len(list(tmp_path.iterdir())) == count


def test_a_damaged_matrix_is_computed_anew(tmp_path):
    asked = []
    wanted = np.array(Stored(Counting(asked), tmp_path)(X))
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for place in (0, 90, len(whole) // 2, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        for content in (damaged, whole[:place]):
            path.write_bytes(content)
            np.testing.assert_array_equal(Stored(Counting(asked), tmp_path)(X), wanted)
    assert len(asked) == 9
    assert path.read_bytes() == whole


def test_without_room_a_matrix_is_only_computed(tmp_path):
    np.testing.assert_allclose(Stored(Linear(), NOWHERE)(X), X @ X.T, rtol=1e-6)


def test_the_matrix_used_longest_ago_makes_room(tmp_path):
    room = 2 * (4 * 7 * 7 + 128 + SEAL)
    for rows in (X, X[::-1], X):
        Stored(Linear(), tmp_path, room=room)(rows)
    kept = {path.name for path in tmp_path.iterdir()}
    Stored(Linear(), tmp_path, room=room)(X + 1)
    left = {path.name for path in tmp_path.iterdir()}
    assert len(left) == 2
    assert len(left & kept) == 1
