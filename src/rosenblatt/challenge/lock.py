"""A lock beside a file, which the system frees when its holder dies."""

import errno
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rosenblatt.errors import UserError

PATIENCE = 30.0  # seconds to wait for another process, which holds the lock for milliseconds
NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}  # what such disks answer


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file; where the file system has none, go on without (see has_locks).

    Raises UserError: the place cannot be written or locked, or others hold the lock for 30 s.
    """
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written ({error.strerror}); allow it or choose another place."
        ) from error
    try:
        deadline = time.monotonic() + PATIENCE
        while _try(handle, path) is False:
            if time.monotonic() > deadline:
                raise UserError(f"{path}: another process holds {lock}; stop it and try again.")
            time.sleep(0.01)
        yield
    finally:
        os.close(handle)  # which also unlocks


def has_locks(path: Path) -> bool:
    """Tell whether the file system of a file, which need not exist, has locks; leave no trace.

    Raises UserError where it cannot be locked although its file system has locks.
    """
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    with tempfile.TemporaryFile(dir=nearest) as file:
        return _try(file.fileno(), path) is not None


def _try(handle: int, path: Path) -> bool | None:
    """Return whether the lock was had, None where the file system has no locks."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        if error.errno in NO_LOCKS:
            return None
        raise UserError(
            f"{path}: cannot be locked ({error.strerror}); choose a folder on another disk."
        ) from error
    return True
