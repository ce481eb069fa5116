"""Checkpoints: what a training has come to, good only for the data and plan that it is of."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.files import atomic_file

Arrays = dict[str, Any]


def save(file: Path, key: str, arrays: Arrays, notes: dict[str, Any]) -> None:
    """Write a checkpoint, whole or not at all; `key` tells of which data and plan it is."""
    arrays = arrays | {"notes": np.array(json.dumps({"key": key, **notes}))}
    content = io.BytesIO()
    np.savez(content, **arrays)
    with atomic_file(file) as out:
        out.write(content.getvalue())


def load(file: Path, key: str | None = None) -> tuple[Arrays, dict[str, Any]] | None:
    """Return arrays and notes, or None where there is no file.

    Raises UserError where it is damaged, or its key is another than one that is given.
    """
    if not file.exists():
        return None
    try:
        with np.load(file, allow_pickle=False) as content:
            arrays = dict(content)
        notes = json.loads(str(arrays.pop("notes")))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{file}: is damaged ({error}); remove it to start anew.") from error
    if key is not None and notes["key"] != key:
        raise UserError(f"{file}: is of another text or plan; move it away or use --out.")
    return arrays, notes
