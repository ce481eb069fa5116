"""A bounded store of kernel rows, for Gram matrices that do not fit in memory."""

from collections.abc import Iterator

import numpy as np

from rosenblatt.features.gram import Kernel

BATCH = 64  # rows that are computed at a time: one product of matrices, not 64 of vectors


class RowCache:
    """The kernel of some samples with all samples; of those read longest ago, the room is reused.

    rows [S, N] float32; slots [N]: which row holds a sample, -1 for none; stamps [S]: when each row
    was last read, as the reader counts.
    """

    def __init__(self, kernel: Kernel, x: np.ndarray, memory: int) -> None:
        """Make room for as many rows as fit in `memory` bytes, two at least."""
        N = len(x)
        room = min(N, max(2, memory // (4 * N)))
        self.kernel, self.x = kernel, x
        self.rows = np.empty((room, N), np.float32)
        self.slots = np.full(N, -1)
        self.stamps = np.full(room, -1)
        self._holds = np.full(room, -1)

    def load(self, wanted: int, likely: np.ndarray) -> None:
        """Bring in the row of sample `wanted` and, to fill a batch, of those `likely` to follow."""
        missing = likely[self.slots[likely] < 0]
        missing = missing[missing != wanted]
        _, first = np.unique(missing, return_index=True)
        ahead = min(BATCH, len(self.rows) // 4) - 1  # no more, or they drive out rows in use
        samples = np.append(missing[np.sort(first)][: max(ahead, 0)], wanted)
        oldest = np.argsort(self.stamps, kind="stable")[: len(samples)]
        evicted = self._holds[oldest]
        self.slots[evicted[evicted >= 0]] = -1
        self.rows[oldest] = self.kernel(self.x[samples], self.x)
        self.slots[samples], self._holds[oldest] = oldest, samples
        self.stamps[oldest] = self.stamps.max() + 1

    def blocks(self, samples: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the kernel rows of samples [S] in batches, without keeping them."""
        for first in range(0, len(samples), BATCH):
            part = slice(first, first + BATCH)
            yield part, self.kernel(self.x[samples[part]], self.x)
