"""Results of fits, each in a file named after all that decides it: what is finished is skipped."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.archive import read_archive, write_archive
from rosenblatt.errors import UserError
from rosenblatt.sources import sources_digest
from rosenblatt.train.checkpoint import Checkpoint


@dataclass(frozen=True, eq=False)
class Result:
    """What a fit gives: arrays by name, and facts that JSON knows, such as its history."""

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """A folder of results, shared by all computers that work on them."""

    folder: Path

    def path(self, key: str) -> Path:
        """Return the file of a result."""
        return self.folder / f"{key}.npz"

    def find(self, key: str) -> Result | None:
        """Return a finished result, or None. Raises UserError where its file is damaged."""
        path = self.path(key)
        if not path.exists():
            return None
        facts, arrays = read_archive(path)
        if facts.pop("key", None) != key:
            raise UserError(f"{path}: is the result of another fit; remove it.")
        return Result(arrays, facts)

    def keep(self, key: str, result: Result) -> None:
        """Write a result, whole or not at all. Raises UserError as write_archive."""
        write_archive(self.path(key), result.facts | {"key": key}, result.arrays)

    def checkpoint(self, key: str) -> Checkpoint:
        """Return the checkpoint of a fit under way, beside its result."""
        return Checkpoint(self.folder / f"{key}.part.npz", key)


def key_of(module: str, *facts: Any) -> str:
    """Return a SHA-256 of facts that JSON knows, and of the sources of the module that learns."""
    text = json.dumps([sources_digest(module), *facts], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
