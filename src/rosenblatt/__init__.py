"""Rosenblatt: a do-it-yourself machine-learning toolkit for Kaggle data challenges.

    import rosenblatt as rb

    challenge = rb.load_challenge("data/digits")
    images = challenge.train.transpose(0, 2, 3, 1) / 16  # [N, H, W, C]
    network = rb.Network([rb.Convolution(16, 3), rb.Flatten(), rb.Dense(10)], (8, 8, 1))
    network.fit(images, challenge.labels, rb.Plan(epochs=10, optimiser=rb.Adam()))

Where to begin: help(rosenblatt.Network) for networks, help(rosenblatt.layers) for what they are
made of, help(rosenblatt.Plan) for how they learn, help(rosenblatt.classic) for machines that are
no networks, help(rosenblatt.load_challenge) for a challenge's files. The command line is
`python start.py --help`, or `rosenblatt --help` where it is installed; the README leads from a
challenge's files to a hand-in.

The public names stand in `__init__.pyi`. Each is imported when it is first asked for, so that
`import rosenblatt` takes no time.
"""

import ast
import importlib
from functools import lru_cache  # `cache` is a module of ours
from pathlib import Path
from typing import Any

__version__ = "0.2.0"


@lru_cache
def _homes() -> dict[str, str]:
    """Return the module that each public name comes from."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text("utf-8"))
    return {
        alias.name: str(node.module)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def __getattr__(name: str) -> Any:
    home = _homes().get(name)
    if home is None:
        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_homes()])
