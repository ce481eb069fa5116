"""Runs first in a hand-in that is proven: what is its author's own cannot be opened there.

Python imports it under the name sitecustomize, so it uses the standard library alone. CLOSED and
OPEN, in the environment, hold folders; what lies in a closed one and in no open one is not found.
"""

import errno
import os
import sys

CLOSED, OPEN = "ROSENBLATT_PROOF_CLOSED", "ROSENBLATT_PROOF_OPEN"
EVENTS = ("open", "os.listdir", "os.scandir")


def guard(closed: list[str], opened: list[str]) -> None:
    """Let this process find nothing in the closed folders but what lies in the opened ones."""

    def look(event: str, arguments: tuple) -> None:
        if event in EVENTS and arguments and isinstance(arguments[0], str | bytes | os.PathLike):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if _within(path, closed) and not _within(path, opened):
                print(f"proof: {path} is the author's own, not in the hand-in", file=sys.stderr)
                raise FileNotFoundError(errno.ENOENT, "not in the hand-in", path)

    sys.addaudithook(look)


def _within(path: str, folders: list[str]) -> bool:
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


if CLOSED in os.environ:
    guard(os.environ[CLOSED].split(os.pathsep), os.environ[OPEN].split(os.pathsep))
