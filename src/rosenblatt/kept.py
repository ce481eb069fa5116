"""What a file may hold beside arrays: objects told by their parts, and made again without pickle.

A class says that it may be made from a file by being below Kept. Nothing else is made, whatever a
file asks for; arrays are checked by the axes that their class tells.
"""

import hashlib
import importlib
from collections.abc import Mapping, MutableMapping
from dataclasses import fields
from typing import Any, ClassVar, Self
from weakref import WeakValueDictionary

import numpy as np

from rosenblatt.errors import UserError

KINDS = "biufU"  # of arrays: truth values, whole numbers, reals, texts
_CLASSES: MutableMapping[str, type["Kept"]] = WeakValueDictionary()


class Kept:
    """An object that a file may hold, by default a dataclass, told by its fields.

    axes: dtype and axes of the arrays among its parts, "float32 K D"; one letter is one length.
    """

    axes: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **words: Any) -> None:
        super().__init_subclass__(**words)
        _CLASSES[f"{cls.__module__}.{cls.__qualname__}"] = cls

    def to_keep(self) -> "dict[str, Any] | Kept":
        """Return the parts by name, or another object that stands for this one."""
        return {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_kept(cls, parts: dict[str, Any]) -> Self:
        """Return an object of such parts. Raises one of archive.REFUSED where they do not fit."""
        if parts.keys() != {one.name for one in fields(cls)}:  # type: ignore[arg-type]
            raise ValueError(f"a {cls.__name__} has other parts")
        check_parts(parts, cls.axes, {})
        return cls(**parts)


def told(name: str, value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return a value as JSON knows it; arrays are put aside, each once, by their digest.

    Raises UserError for what no file can hold, such as a function.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in KINDS:
        arrays[key := digest_of(value)] = value
        return {"array": key}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [told(name, part, arrays) for part in value]}
    if isinstance(value, dict):
        pairs = [[told(name, part, arrays) for part in pair] for pair in value.items()]
        return {"dict": pairs}
    if not isinstance(value, Kept):
        raise UserError(f"{name} is {value!r:.60}: no file can hold it; save what it is made of.")
    parts = value.to_keep()
    if isinstance(parts, Kept):
        return told(name, parts, arrays)
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    return {kind: {key: told(key, part, arrays) for key, part in parts.items()}}


def made(content: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """Return the value that `told` told of. Raises one of archive.REFUSED where it cannot be."""
    if not isinstance(content, dict):
        return content
    ((kind, parts),) = content.items()
    if kind == "array":
        return arrays[parts]
    if kind in ("list", "tuple"):
        found = [made(part, arrays) for part in parts]
        return tuple(found) if kind == "tuple" else found
    if kind == "dict":
        return {made(key, arrays): made(part, arrays) for key, part in parts}
    return kept_class(kind).from_kept({key: made(part, arrays) for key, part in parts.items()})


def kept_class(name: str) -> type[Kept]:
    """Return the class below Kept of a name. Raises ValueError where there is none."""
    if name not in _CLASSES and name.startswith("rosenblatt."):
        try:
            importlib.import_module(name.rpartition(".")[0])
        except ImportError as error:
            raise ValueError(f"it holds a {name}") from error
    if name not in _CLASSES:
        raise ValueError(f"it holds a {name}")
    return _CLASSES[name]


def check_parts(parts: Mapping[str, Any], axes: Mapping[str, str], sizes: dict[str, int]) -> None:
    """Raise ValueError unless arrays are finite numbers of axes that fit together and `sizes`."""
    for name, wanted in axes.items():
        array = parts[name]
        dtype, *letters = wanted.split()
        if array.dtype != dtype or array.ndim != len(letters):
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}")
        for letter, size in zip(letters, array.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ValueError(f"{name} is of shape {array.shape}, which does not fit")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has numbers that are not finite")


def digest_of(array: np.ndarray) -> str:
    """Return the SHA-256 of an array's type, shape and contents."""
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
    return digest.hexdigest()
