"""How elementwise kernels are shared out: in contiguous chunks whose bounds depend on sizes alone.

A kernel's serial part works on slices, so that its loop counts from 0 and runs in vectors.
"""

from rosenblatt.kernels.core.jit import kernel

CHUNK = 16384  # elements: 64 KiB of float32; a chunk takes longer than waking a thread
ROWS = 512  # at most in a block, so that no float32 sum runs long enough to lose digits


@kernel
def chunk_count(size):
    """Return how many chunks `size` elements make."""
    return (size + CHUNK - 1) // CHUNK


@kernel
def rows_of_chunk(columns):
    """Return how many whole rows of `columns` elements make a block: a chunk at most."""
    return min(ROWS, max(1, CHUNK // columns))
