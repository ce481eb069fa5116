"""Networks on disk: an uncompressed npz without pickle, with a JSON description among its arrays.

A file is read as if by an enemy: only known layers are made, with the constructor's arguments they
declare; each array must have the shape and type that the description implies before it is read.
"""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from rosenblatt.errors import UserError
from rosenblatt.files import atomic_file
from rosenblatt.layers import Module, from_description

FORMAT = 1
DESCRIPTION = "description.json"


def save(module: Module, path: Path | str) -> None:
    """Write a module to `path`, whole or not at all. Raises UserError where that fails."""
    description = {"format": FORMAT, "module": module.describe()}
    with atomic_file(path) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_member(DESCRIPTION), json.dumps(description, indent=1))
        for name, array in module.state().items():
            content = io.BytesIO()
            npy.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(_member(f"{name}.npy"), content.getvalue())


def _member(name: str) -> zipfile.ZipInfo:
    """Return an entry without the time of day: equal networks make equal files."""
    return zipfile.ZipInfo(name)


def load(path: Path | str) -> Module:
    """Read what `save` wrote. Raises UserError where the file is missing, damaged or alien."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file") from None
    except _REFUSED as error:
        reason = str(error) or type(error).__name__
        raise UserError(
            f"{path}: not a network of this program, or damaged ({reason}); train and save again"
        ) from error


_REFUSED = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ArithmeticError,
    IndexError,
    RecursionError,
    MemoryError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
)


def _read(archive: zipfile.ZipFile) -> Module:
    entries = {entry.filename: entry for entry in archive.infolist()}
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
        raise ValueError("its entries are compressed")  # a few bytes could swell to gigabytes
    description = json.loads(archive.read(DESCRIPTION))
    if description["format"] != FORMAT:
        raise ValueError(f"format {description['format']}, this program reads {FORMAT}")
    settings = description["module"]
    if "seed" in settings:
        settings = settings | {"seed": None}  # zeros take no time: the weights are in the file
    module = from_description(settings)
    state = {name: _read_array(archive, f"{name}.npy", a) for name, a in module.state().items()}
    if len(entries) != len(state) + 1:
        raise ValueError("it holds arrays that its description does not know")
    module.load_state(state)
    if "seed" in settings:
        module.seed = description["module"]["seed"]
    return module


def _read_array(archive: zipfile.ZipFile, name: str, like: np.ndarray) -> np.ndarray:
    """Return an entry, read only once its size fits; zipfile checks its CRC-32."""
    if archive.getinfo(name).file_size > like.nbytes + 1024:
        raise ValueError(f"{name} is too large")
    array = npy.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
    if array.shape != like.shape or array.dtype.kind != "f":
        raise ValueError(f"{name} is {array.dtype} {array.shape}, not {like.dtype} {like.shape}")
    return array
