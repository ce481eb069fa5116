"""Where parsed files and digests are kept between runs, so that nothing is read twice."""

import hashlib
import json
import os
import stat
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic

SETTLED_NS = 2_000_000_000  # the coarsest clock of a file system in use (FAT) ticks every 2 s


def user_cache() -> Path:
    """Return the folder of this system for a user's caches, whether or not it exists."""
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif os.environ.get("XDG_CACHE_HOME"):
        base = os.environ["XDG_CACHE_HOME"]
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return Path(base) / "rosenblatt"


def cache_folder() -> Path:
    """Return a folder that can be written: the user's cache, or else a temporary one.

    The second choice is said in one line on standard error, once in a process.
    """
    return _writable(user_cache())


@cache
def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        temporary = _temporary()
        reason = error.strerror or str(error)
        print(
            f"notice: {folder} cannot be written ({reason}); caching in {temporary}",
            file=sys.stderr,
        )
        return temporary


def _temporary() -> Path:
    """Return this user's folder among the temporary ones, the same at each run.

    One that another user has made under that name is not trusted; then it is a new one.
    """
    owner = os.getuid() if hasattr(os, "getuid") else 0  # Windows has a temporary folder per user
    folder = Path(tempfile.gettempdir()) / f"rosenblatt-{owner}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if stat.S_ISDIR(status.st_mode) and status.st_uid == owner:
            return folder
    return Path(tempfile.mkdtemp(prefix="rosenblatt-"))


def file_digest(path: Path | str) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal.

    A file whose stamp is the one noted at the last reading is not read again. That is safe: the
    stamp holds size, inode, and the times of change of content and of inode in nanoseconds, and
    the last cannot be set back by any program (`cp -p` and `touch` move it). A stamp younger than
    the coarsest file clock is not noted, since a second write could leave it the same.
    Raises UserError as check_file.
    """
    path = Path(path).resolve()
    check_file(path)
    note = cache_folder() / "digests" / f"{hashlib.sha256(str(path).encode()).hexdigest()}.json"
    before = _stamp(path)
    with suppress(OSError, ValueError):
        known = json.loads(note.read_text())
        if isinstance(known, dict) and known.get("stamp") == before:
            return str(known["sha256"])
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    settled = time.time_ns() - max(before[1], before[2]) > SETTLED_NS
    if settled and _stamp(path) == before:
        keep(note, json.dumps({"path": str(path), "stamp": before, "sha256": digest}))
    return digest


def keep(path: Path, content: bytes | str) -> None:
    """Write to the cache if there is room; a full disk only costs time at the next run."""
    with suppress(UserError):
        write_atomic(path, content)


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
