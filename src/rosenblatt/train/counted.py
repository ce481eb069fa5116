"""How many kernels a work compiles, kept: the next time it is told how many there are to be.

That is after an upgrade, or where the cache was emptied; the first time of all nobody knows.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rosenblatt.cache import cache_folder, keep, kept
from rosenblatt.compilation import COMPILATION


@contextmanager
def counted(*facts: Any) -> Iterator[None]:
    """Let what is compiled in the block be told with its count the last time the facts were these.

    A count is kept where most of that many kernels were compiled anew.
    """
    name = hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
    place = cache_folder() / "counted" / name
    before = COMPILATION.start, COMPILATION.last_time
    start, last_time = COMPILATION.count, int(kept(place) or 0)
    COMPILATION.start, COMPILATION.last_time = start, last_time
    try:
        yield
    finally:
        COMPILATION.start, COMPILATION.last_time = before
        compiled = COMPILATION.count - start
        if 2 * compiled > last_time and compiled != last_time:
            keep(place, str(compiled).encode())
