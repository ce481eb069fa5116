"""What every kept result says of the program and the processor that made it."""

import platform
from importlib.metadata import version

from rosenblatt.kernels.core.cpu import cpu_name


def versions() -> str:
    """Return the versions that results depend on, as "python 3.11.9 numpy 2.4.6 ..."."""
    packages = " ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "llvmlite"))
    return f"python {platform.python_version()} {packages}"


def processor() -> str:
    """Return the processor that kernels are compiled for, and its family."""
    return f"{cpu_name()} {platform.machine()}"
