import pytest

from rosenblatt.kernels.core.chunks import CHUNK, ROWS, chunk_count, rows_of_chunk


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_chunks_cover_all_elements_and_none_is_empty(size):
    starts = [CHUNK * chunk for chunk in range(chunk_count(size))]
    assert sum(min(CHUNK, size - start) for start in starts) == size
    assert all(start < size for start in starts)


@pytest.mark.parametrize("columns", [1, 2, 31, 32, 33, CHUNK, CHUNK + 1])
def test_a_block_is_the_most_whole_rows_that_fit(columns):
    rows = rows_of_chunk(columns)
    fitting = [n for n in range(1, ROWS + 1) if n * columns <= CHUNK]
    assert rows == max(fitting, default=1)
