"""Gram matrices that are kept: computed once for a kernel and samples, block by block, then read.

A matrix lies in a file named after a digest of the kernel, the samples and the sources that compute
it, and is read as a map of that file, so that it need not fit in memory.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from rosenblatt.cache import open_sealed, sealed_file
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Kernel
from rosenblatt.kept import Kept
from rosenblatt.sources import sources_digest

MEMORY = 1 << 29  # bytes; a larger matrix is computed in blocks of rows of this size
ROOM = 4 << 30  # bytes on the disk; then the matrices used longest ago are removed


@dataclass(frozen=True)
class Stored(Kernel):
    """A kernel whose Gram matrices are kept in `folder`.

    memory: bytes, the largest block that is computed at a time (a row at least). room: bytes, what
    all files of the folder may take. Where there is no room on the disk nothing is kept.
    """

    kernel: Kernel
    folder: Path
    memory: int = MEMORY
    room: int = ROOM

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        """Return the Gram matrix, [N, M] float32, as a map of its file that cannot be written."""
        path = self.folder / f"{self._digest(x, y)}.npy"
        whole = open_sealed(path)
        with suppress(UserError, OSError):
            if whole:
                whole.close()
            else:
                self._compute(path, x, y)
            return np.load(path, mmap_mode="r", allow_pickle=False)
        return self.kernel(x, y)

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        return self.kernel.diagonal(x)

    def to_keep(self) -> Kept:
        return self.kernel

    @classmethod
    def from_kept(cls, parts: dict[str, Any]) -> NoReturn:
        raise ValueError("no file says where Gram matrices are kept")

    def _digest(self, x: np.ndarray, y: np.ndarray | None) -> str:
        digest = hashlib.sha256(f"{_sources(self.kernel)} {self.kernel!r}".encode())
        for array in (x,) if y is None else (x, y):
            digest.update(f"{array.dtype}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:32]

    def _compute(self, path: Path, x: np.ndarray, y: np.ndarray | None) -> None:
        shape = len(x), len(x if y is None else y)
        size = 4 * shape[0] * shape[1]
        self.folder.mkdir(parents=True, exist_ok=True)
        _make_room(self.folder, self.room - size)
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        with sealed_file(path) as file:
            np.lib.format.write_array_header_1_0(file, header)
            if size <= self.memory:
                file.write(np.ascontiguousarray(self.kernel(x, y), "<f4").data)
                return
            rows = max(1, self.memory // (4 * shape[1]))
            for first in range(0, shape[0], rows):
                block = self.kernel(x[first : first + rows], x if y is None else y)
                file.write(np.ascontiguousarray(block, "<f4").data)


class Known(Kernel):
    """A kernel of rows [N, D] of which the Gram matrix of some, `every`, is computed at once.

    What is asked of these alone is read off there.
    """

    def __init__(self, kernel: Kernel, every: np.ndarray) -> None:
        self.kernel = kernel
        self.gram = kernel(every)
        self.places = {row.tobytes(): place for place, row in enumerate(every)}

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        rows = self._places(x)
        columns = rows if y is None else self._places(y)
        if rows is None or columns is None:
            return self.kernel(x, y)
        return self.gram[np.ix_(rows, columns)]

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        return self.kernel.diagonal(x)

    def to_keep(self) -> Kept:
        return self.kernel

    def _places(self, x: np.ndarray) -> np.ndarray | None:
        found = [self.places.get(row.tobytes(), -1) for row in x]
        return None if -1 in found else np.array(found, np.int64)


def _make_room(folder: Path, room: int) -> None:
    """Remove the files used longest ago until the rest take at most `room` bytes."""
    found = [(path.stat().st_mtime_ns, path) for path in folder.glob("*.npy")]
    used = sum(path.stat().st_size for _, path in found)
    for _, path in sorted(found):
        if used <= room:
            return
        used -= path.stat().st_size
        with suppress(OSError):  # another process may have been faster, or still read it (Windows)
            path.unlink()


def _sources(kernel: Kernel) -> str:
    """Return the SHA-256 of the sources of a kernel and of those that it is made of."""
    module = type(kernel).__module__
    found = sources_digest(module) if module.startswith("rosenblatt.") else ""
    for part in vars(kernel).values():
        found += _sources(part) if isinstance(part, Kernel) else ""
    return found
