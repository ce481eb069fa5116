"""The one folder for what can be made again, and entries that are used only as they were written.

What lies there is trusted: tables are trained on, compiled kernels are run. So the folder belongs
to the user and lets nobody else in, and each entry ends in a SHA-256 of its name and content; one
that does not match is made again.
"""

import atexit
import hashlib
import multiprocessing
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO

from rosenblatt.errors import UserError
from rosenblatt.files import atomic_file

SEAL = hashlib.sha256().digest_size  # bytes at the end of an entry
PIECE = 1 << 20
DAY = 86_400  # seconds
UNUSED = 60 * DAY  # then an entry is removed
NOWHERE = Path(os.devnull) / "rosenblatt"  # nothing can be written or found there


@cache
def cache_folder() -> Path:
    """Return the folder for what can be made again, which nobody else can write into.

    The user's own cache; where that cannot be used, one line on standard error says why, once, and
    it is a folder of the user's among the temporary ones; where another has taken its name, a new
    one that lives as long as this process; where there is no place at all, NOWHERE.
    """
    try:
        return _claim(_user_folder())
    except OSError as error:
        reason = error.strerror or str(error)
    folder = NOWHERE
    for make in (_temporary_folder, _new_folder):
        with suppress(OSError):
            folder = _claim(make())
            break
    if multiprocessing.current_process().name == "MainProcess":  # not a worker
        place = "nothing is kept" if folder == NOWHERE else f"it is {folder}"
        print(f"note: no cache in the usual folder ({reason}); {place}", file=sys.stderr)
    return folder


def _user_folder() -> Path:
    """Return the place of a user's caches. Raises OSError where there is no home."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):  # a relative one is to be ignored, says its specification
        return Path(given) / "rosenblatt"
    try:
        home = Path.home()
    except RuntimeError as error:  # a user without an entry in the system's list
        raise FileNotFoundError("the user has no home folder") from error
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        base = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    if not base.is_absolute():
        raise FileNotFoundError(f"the home folder, {home}, is not an absolute path")
    return base / "rosenblatt"


def _temporary_folder() -> Path:
    base = tempfile.gettempdir()
    if base == os.getcwd():  # Python's last resort; nobody looks for a cache among their files
        raise FileNotFoundError("there is no temporary folder")
    return Path(base) / f"rosenblatt-{os.geteuid() if os.name != 'nt' else 0}"


def _new_folder() -> Path:
    """Return a place in a new folder, removed at the end; worker processes find it as well."""
    _temporary_folder()
    base = tempfile.mkdtemp(prefix="rosenblatt-")
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    os.environ["XDG_CACHE_HOME"] = base
    return Path(base) / "rosenblatt"


def _claim(folder: Path) -> Path:
    """Return a folder, made if need be, that is ours alone. Raises OSError where it cannot be."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder = folder.parent.resolve() / folder.name
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if os.name != "nt":  # Windows keeps others out of a user's folders by itself
        _check_ours(folder)
        folder.chmod(0o700)
    with tempfile.TemporaryFile(dir=folder):
        return folder


def _check_ours(folder: Path) -> None:
    """Raise PermissionError where another user could put something into a folder, or exchange it.

    A folder above it may belong to the system. A group that has the number of its user is the
    user's own (Debian and Fedora make such ones); in a sticky folder each moves only what is his.
    """
    me = os.geteuid()
    for place in (folder, *folder.parents):
        status = place.lstat()
        ours = status.st_uid == me or (status.st_uid == 0 and place != folder)
        others = stat.S_IWOTH if status.st_gid == me else stat.S_IWOTH | stat.S_IWGRP
        shared = status.st_mode & others and not status.st_mode & stat.S_ISVTX
        if not stat.S_ISDIR(status.st_mode):
            raise PermissionError(f"{place} is a link or a file, not a folder")
        if not ours:
            raise PermissionError(f"{place} belongs to another user")
        if shared:
            raise PermissionError(f"others may write into {place}; forbid it, or remove it")


@contextmanager
def sealed_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write an entry of the cache into, whole or not at all.

    It takes its name with a seal at its end. Raises UserError as atomic_file.
    """
    _sweep(cache_folder())
    with atomic_file(path) as file:
        sealing = _Sealing(path.name, file)
        yield sealing  # type: ignore[misc]  # all that writers of entries ask of a file
        file.write(sealing.digest.digest())


class _Sealing:
    """A file to write into that sums up what passes through it."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.file, self.digest = file, hashlib.sha256(name.encode())

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        return self.file.write(content)


def open_sealed(path: Path) -> BinaryIO | None:
    """Return an entry, open at its start; None where there is none, or it was not so written."""
    with ExitStack() as opened, suppress(OSError):
        file = opened.enter_context(open(path, "rb"))
        if _is_whole(file, path.name):
            file.seek(0)
            os.utime(path)  # it is in use, as _sweep shall know
            opened.pop_all()
            return file
    return None


def _is_whole(file: BinaryIO, name: str) -> bool:
    digest = hashlib.sha256(name.encode())
    left = os.fstat(file.fileno()).st_size - SEAL
    while left > 0 and (piece := file.read(min(PIECE, left))):
        digest.update(piece)
        left -= len(piece)
    return left == 0 and file.read() == digest.digest()


def keep(path: Path, content: bytes) -> None:
    """Write an entry if there is room; a full disk only costs time at the next run."""
    with suppress(UserError), sealed_file(path) as file:
        file.write(content)


def kept(path: Path) -> bytes | None:
    """Return the content of an entry; None as open_sealed."""
    file = open_sealed(path)
    if file is None:
        return None
    with file:
        return file.read()[:-SEAL]


@cache
def _sweep(folder: Path) -> None:
    """Remove, once a day, the entries that nobody has used for 60 days, and empty folders."""
    mark, now = folder / "swept", time.time()
    with suppress(OSError):
        if mark.exists() and now - mark.stat().st_mtime < DAY:
            return
        mark.touch()
        for place, _, names in os.walk(folder, topdown=False):
            for path in (Path(place, name) for name in names):
                if now - path.lstat().st_mtime > UNUSED:
                    path.unlink(missing_ok=True)
            if now - os.lstat(place).st_mtime > DAY:  # else a writer may be about to fill it
                with suppress(OSError):
                    os.rmdir(place)
