"""Files are written whole or not at all."""

import errno
import getpass
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from rosenblatt.errors import UserError


@contextmanager
def atomic_file(path: Path | str) -> Iterator[BinaryIO]:
    """Yield a binary file that takes the name `path` only once it is complete.

    The bytes go to a temporary name beside `path`, are flushed to the disk, then renamed, so that
    a crash, a full disk or Ctrl-C leaves the earlier file as it was.
    Raises UserError where the folder cannot be written or the disk is full.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, path)
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
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        nearest = next(folder for folder in path.absolute().parents if folder.exists())
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise _unwritable(path, error) from error


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
def user_cache() -> Path:
    """Return the folder for what can be made again: the user's cache, or a temporary one.

    Where the user's cache cannot be written (a read-only home), one line on standard error says
    so, once, and a folder under the system's temporary folder is used instead.
    """
    home = Path.home()
    if "XDG_CACHE_HOME" in os.environ:
        base = Path(os.environ["XDG_CACHE_HOME"])
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = home / ".cache"
    folder = base / "rosenblatt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        instead = Path(tempfile.gettempdir()) / f"rosenblatt-{getpass.getuser()}"
        instead.mkdir(mode=0o700, exist_ok=True)
        print(f"note: {folder} cannot be written; the cache is in {instead}", file=sys.stderr)
        return instead
    return folder
