"""Digests of files, kept between runs, so that nothing is read twice."""

import hashlib
import json
import os
import time
from pathlib import Path

from rosenblatt.cache import cache_folder, keep, kept
from rosenblatt.data.text import check_file

SETTLED_NS = 2_000_000_000  # the coarsest clock of a file system in use (FAT) ticks every 2 s


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
    name = hashlib.sha256(os.fsencode(path)).hexdigest()
    note = cache_folder() / "digests" / f"{name}.json"
    before = _stamp(path)
    known = json.loads(kept(note) or b"{}")
    if known.get("stamp") == before:
        return str(known["sha256"])
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    settled = time.time_ns() - max(before[1], before[2]) > SETTLED_NS
    if settled and _stamp(path) == before:
        keep(note, json.dumps({"stamp": before, "sha256": digest}).encode())
    return digest


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
