"""Networks on disk: an archive whose description tells the layers, and whose arrays the weights.

A file is read as if by an enemy: only known layers are made, with the constructor's arguments they
declare; each array must have the shape and type that the description implies.
"""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.archive import REFUSED, read_archive, reason_of, write_archive
from rosenblatt.data.readers import check_reader
from rosenblatt.errors import UserError
from rosenblatt.layers import Module, from_description
from rosenblatt.layers.base import UnknownLayerError
from rosenblatt.ranges import NONE, SEED, Either, check_value

FORMAT = 1
SEEDED = Either(SEED, NONE)


def save(module: Module, path: Path | str) -> None:
    """Write a module to `path`, whole or not at all. Raises UserError where that fails."""
    try:
        write_archive(path, {"format": FORMAT, "module": module.describe()}, module.state())
    except TypeError as error:
        raise UserError(
            f"{path}: cannot hold this network ({error}); give layers of your own such arguments "
            "as JSON knows."
        ) from error


def load(path: Path | str) -> Module:
    """Read what `save` wrote. Raises UserError where the file is missing, damaged or alien, and
    what reads it, where something of this program does."""
    description, arrays = read_archive(path)
    check_reader(path, description, "module")
    try:
        if description["format"] != FORMAT:
            raise ValueError(f"format {description['format']!r}, this program reads {FORMAT}")
        return module_of(description["module"], arrays)
    except UnknownLayerError as error:
        raise UserError(f"{path}: {error}") from error
    except REFUSED as error:
        raise UserError(
            f"{path}: not a network of this program, or damaged ({reason_of(error)}); train and "
            "save again."
        ) from error


def module_of(description: dict[str, Any], arrays: dict[str, np.ndarray]) -> Module:
    """Return the module that a description tells of, with weights.

    Raises one of archive.REFUSED, or UnknownLayerError, where they do not fit.
    """
    settings = description
    if "seed" in settings:
        check_value("seed", settings["seed"], SEEDED)
        settings = settings | {"seed": None}  # zeros take no time: the weights are in the file
    module = from_description(settings)
    state = module.state()
    if arrays.keys() != state.keys():
        odd = sorted(arrays.keys() ^ state.keys())
        raise ValueError(f"its arrays are not those that its description tells of: {odd[0]}")
    for name, like in state.items():
        array = arrays[name]
        if array.shape != like.shape or array.dtype.kind != "f":
            raise ValueError(
                f"{name} is {array.dtype} {array.shape}, not {like.dtype} {like.shape}"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has numbers that are not finite")
    module.load_state(arrays)
    if "seed" in settings:
        module.seed = description["seed"]
    return module
