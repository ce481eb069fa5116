"""Compiled kernels on disk: what is loaded is what was written, or it is compiled again.

Numba unpickles and runs whatever bytes lie in its cache, so that one flipped bit ends in a crash.
Here each signature of a kernel is one sealed entry, as of rosenblatt.cache.
"""

import hashlib
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from rosenblatt.cache import keep, kept


class KernelCache(FunctionCache):
    """What Numba asks of a kernel's cache, in a folder that belongs to its sources."""

    def __init__(self, function: Callable, folder: Path, form: str = "") -> None:
        self._py_func = function
        self._name = f"{function.__qualname__}-{function.__code__.co_firstlineno}{form}"
        self._cache_path = str(folder)

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """Return the kernel compiled for a signature, or None."""
        rtsys.initialize(target_context)  # of a refresh, which takes longer, all that code needs
        key = self._index_key(sig, target_context.codegen())
        content = kept(self._path(key))
        if content is None:
            return None
        written, compiled = pickle.loads(content)  # by us: its seal was whole
        return CompileResult._rebuild(target_context, *compiled) if written == key else None

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        """Keep a kernel that was compiled for a signature, if there is room."""
        if not data.library.has_dynamic_globals:  # addresses, good for this process alone
            key = self._index_key(sig, data.codegen)
            keep(self._path(key), dumps((key, data._reduce())))

    def _path(self, key: Any) -> Path:
        versions = numba.__version__, llvmlite.__version__, sys.implementation.cache_tag
        digest = hashlib.sha256(repr((versions, key)).encode()).hexdigest()
        return Path(self._cache_path) / f"{self._name}-{digest[:32]}"
