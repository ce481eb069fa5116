"""Files are written whole or not at all."""

import errno
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from rosenblatt.errors import UserError

PART = re.compile(r"\.rosenblatt-[a-z0-9_]{8}\.part")  # as mkstemp makes them
ABANDONED = 86_400  # seconds without a byte, after which nobody writes a part any more


@contextmanager
def atomic_file(path: Path | str) -> Iterator[BinaryIO]:
    """Yield a binary file that takes the name `path` only once it is complete.

    The bytes go to a temporary name beside `path` (where a link leads), are flushed to the disk,
    then renamed, so that a crash, a full disk or Ctrl-C leaves the earlier file as it was.
    Raises UserError where the folder cannot be written, the disk is full, or as check_target.
    """
    path = Path(path)
    temporary = None
    try:
        check_target(path)
        place = path.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(place.parent)
        handle, name = tempfile.mkstemp(prefix=".rosenblatt-", suffix=".part", dir=place.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, place)
        temporary = None
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def write_atomic(path: Path | str, content: bytes | str) -> None:
    """Write `content` (text as UTF-8) to `path`, whole or not at all. Raises as atomic_file."""
    with atomic_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def check_writable(path: Path | str) -> None:
    """Raise UserError, as atomic_file would, where `path` cannot be written; leave no trace."""
    path = Path(path)
    try:
        check_target(path)
        nearest = next(folder for folder in path.resolve().parents if folder.exists())
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise _unwritable(path, error) from error


def check_target(path: Path) -> None:
    """Raise UserError where a file would take the place of a folder, a device or a pipe.

    Raises OSError where the name cannot be that of a file.
    """
    with suppress(FileNotFoundError, NotADirectoryError):
        kind = os.stat(path).st_mode  # where a link leads
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(kind):
            raise UserError(
                f"{path}: is a device or a pipe, not a file that can be replaced; name a file "
                "(--json - is standard output). Nothing was changed."
            )


def _unwritable(path: Path, error: OSError) -> UserError:
    reason = error.strerror or str(error)
    return UserError(
        f"{path}: cannot be written ({reason}); free some space or choose another place. "
        "Nothing was changed."
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@cache
def _remove_abandoned(folder: Path) -> None:
    """Remove, once in a process, our parts of files whose writers were killed long ago."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if PART.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                ours = os.name == "nt" or status.st_uid == os.geteuid()
                if ours and time.time() - status.st_mtime > ABANDONED:
                    os.unlink(entry)
