"""Named arrays and a description in one file: an uncompressed npz without pickle, with JSON inside.

A file is read as if by an enemy: nothing is unpacked beyond the size of the file itself, no name
leads out of it, and an array takes no more memory than its bytes.
"""

import io
import json
import os
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.files import atomic_file

DESCRIPTION = "description.json"
# What zipfile, zlib, json, NumPy and our own readers raise for a file that is damaged or alien: the
# one list of it, for all that read arrays.
REFUSED = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def reason_of(error: Exception) -> str:
    """Return what an error of REFUSED says of a file, in no words of Python's."""
    if isinstance(error, KeyError):
        return f"it holds no {error.args[0]!r}"
    plain = isinstance(error, OSError | ValueError | zipfile.BadZipFile | zlib.error)
    return (plain and str(error)) or "its parts do not fit together"


def write_archive(
    path: Path | str, description: dict[str, Any], arrays: dict[str, np.ndarray]
) -> None:
    """Write arrays and a JSON description, whole or not at all; equal contents give equal bytes.

    Raises UserError as atomic_file or where path is none, ValueError where an array holds objects.
    """
    _check_path(path)
    with atomic_file(path) as file, zipfile.ZipFile(file, "w") as archive:
        text = json.dumps(description, indent=1, sort_keys=True, allow_nan=False)
        archive.writestr(zipfile.ZipInfo(DESCRIPTION), text)  # a ZipInfo has no time of day
        for name, array in arrays.items():
            content = io.BytesIO()
            npy.write_array(content, np.asarray(array, order="C"), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue())


def read_archive(path: Path | str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the description and the arrays of a file that write_archive wrote.

    Raises UserError where it is missing, damaged or something else.
    """
    _check_path(path)
    path = Path(path)
    check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check(entries, path.stat().st_size)
            contents = {entry.filename: archive.read(entry) for entry in entries}
        description = json.loads(contents.pop(DESCRIPTION, b"null"))
        if not isinstance(description, dict):
            raise ValueError("it has no description")
        arrays = {name.removesuffix(".npy"): _array(data) for name, data in contents.items()}
    except REFUSED as error:
        reason = reason_of(error)
        raise UserError(
            f"{path}: is not a file of this program, or is damaged ({reason}); remove it "
            "or make it again."
        ) from error
    return description, arrays


def _check_path(path: Any) -> None:
    if not isinstance(path, str | os.PathLike):
        raise UserError(f"{path!r}: is not a path; give the name of a file.")


def _check(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Raise ValueError unless the entries are uncompressed, within the file and named once."""
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise ValueError("its entries are compressed")  # a few bytes could swell to gigabytes
    if sum(entry.file_size for entry in entries) > size:
        raise ValueError("its entries claim more than there is")
    if len({entry.filename for entry in entries}) != len(entries):
        raise ValueError("an entry occurs twice")


def _array(data: bytes) -> np.ndarray:
    """Return an array whose header promises just the bytes that follow it."""
    file = io.BytesIO(data)
    if npy.read_magic(file) != (1, 0):
        raise ValueError("an array is of another format")
    shape, columns_first, dtype = npy.read_array_header_1_0(file)
    if dtype.hasobject or columns_first:
        raise ValueError("an array is of another kind")
    content = data[file.tell() :]
    return np.frombuffer(content, dtype).reshape(shape).copy()
