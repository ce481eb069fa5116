"""Exercises cut out of the source: a body is left out, and what a student writes there is judged.

The shipped source is the solution. A layer's backward is judged by central differences on the
layer's own examples, an update rule and a kernel by what the shipped one does to the same numbers.
"""

import ast
import importlib
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.layers.base import MODULES
from rosenblatt.layers.gradients import (
    ABSOLUTE,
    RELATIVE,
    example,
    numeric_gradient,
    run_both_ways,
)
from rosenblatt.site.source_pages import Sources
from rosenblatt.tape import Parameter, Tape

HEAD = "# exercise "
STEPS = 3  # of an optimiser that is judged
JIT = "from rosenblatt.kernels.core.jit import"  # a student's kernel runs uncompiled
CHUNKS = "from rosenblatt.kernels.core.chunks import in_chunks"
PLAIN = "from rosenblatt.exercises import"

BACKWARD = (
    "maxout:Maxout", "dense:Dense", "dropout:Dropout", "pooling:AveragePooling",
    "normalisation:BatchNormalisation", "prelu:PReLU", "shape:Add",
)  # fmt: skip
UPDATES = "SGD", "Adam"


def _numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).normal(size=shape)


# Where a kernel is cut, the public one that calls it, and what that is given.
KERNELS: dict[str, tuple[str, Callable[[], tuple[Any, ...]]]] = {
    "convolution.pooling:_average_sample": (
        "average_pool", lambda: (_numbers(2, 6, 6, 3), np.empty((2, 3, 3, 3)), 2, 2)
    ),
    "neural.softmax:_softmax_rows": ("softmax", lambda: (_numbers(7, 5), np.empty((7, 5)))),
    "neural.activations:leaky_relu": ("leaky_relu", lambda: (_numbers(40), np.empty(40), 0.1)),
}  # fmt: skip


def kernel(function: Callable) -> Callable:
    """Return the function as it is: a student's kernel runs in plain Python."""
    return function


parallel_kernel = inlined_kernel = kernel


def in_chunks(arrays: int) -> Callable[[Callable], Callable]:
    """Return what leaves a function as it is, as `kernel`."""
    return kernel


def exercises() -> dict[str, str]:
    """Return where each exercise is cut, as in Sources.find, by its name."""
    found = {f"{place.split(':')[1]}.backward": f"layers.{place}.backward" for place in BACKWARD}
    found |= {f"{name}.update": f"train.optimisers:{name}.update" for name in UPDATES}
    return found | {place.split(":")[1].strip("_"): f"kernels.{place}" for place in KERNELS}


def cut(name: str) -> str:
    """Return the module of an exercise with the body left out; its docstring stays.

    Raises UserError where there is no exercise of that name.
    """
    where = _where(name)
    module, node = Sources().node(where)
    lines = module.text.splitlines()
    body = node.body[1:] if ast.get_docstring(node) else node.body
    hole = f'{" " * body[0].col_offset}raise NotImplementedError("yours: {name}")'
    lines[body[0].lineno - 1 : node.end_lineno] = [hole]
    return f"{HEAD}{name}\n" + "\n".join(lines) + "\n"


def check(file: Path) -> Iterator[str]:
    """Yield a line for each example on which a student's file is right.

    Raises UserError naming the example and the difference where it is wrong, or where the file is
    no exercise, or cannot be run.
    """
    check_file(file)
    text = file.read_text("utf-8")
    name = text.split("\n", 1)[0].removeprefix(HEAD).strip()
    where = _where(name) if text.startswith(HEAD) else ""
    if not where:
        raise UserError(f"{file}: is not an exercise; write one with exercise NAME --out FILE.")
    try:
        yield from _judge(where, _run(text, file, where))
    except (UserError, AssertionError) as error:
        raise UserError(f"{file}: {name}: {error}") from error
    except Exception as error:
        places = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)]
        line = f"line {places[-1].lineno}: " if places else ""
        raise UserError(f"{file}: {line}{type(error).__name__}: {error}") from error


def _run(text: str, file: Path, where: str) -> dict[str, Any]:
    """Return what a student's file defines; its layers take the place of none of ours."""
    space: dict[str, Any] = {"__name__": f"rosenblatt.{where.split(':')[0]}"}
    text = text.replace(CHUNKS, f"{PLAIN} in_chunks").replace(JIT, PLAIN)
    shipped = dict(MODULES)
    try:
        exec(compile(text, str(file), "exec"), space)
    finally:
        MODULES.update(shipped)
    return space


def _where(name: str) -> str:
    known = exercises()
    if name not in known:
        raise UserError(f"there is no exercise {name!r}; there are {', '.join(known)}.")
    return known[name]


def _judge(where: str, space: dict[str, Any]) -> Iterator[str]:
    module, inside = where.split(":")
    name = inside.split(".")[0]
    if module.startswith("layers."):
        for settings, shape in space[name].examples:
            _judge_layer(space[name], settings, shape)
            yield f"{name}({_listed(settings)}) on {shape}: all gradients agree with differences"
    elif module.startswith("kernels."):
        public, arguments = KERNELS[where.removeprefix("kernels.")]
        shipped = getattr(importlib.import_module(f"rosenblatt.{module}"), public)
        yours, right = arguments(), arguments()
        space[public](*yours)
        shipped(*right)
        _compare(f"what {public} writes", yours[1], right[1])
        yield f"{public}: writes what the shipped kernel writes"
    else:
        _judge_optimiser(
            space[name], getattr(importlib.import_module(f"rosenblatt.{module}"), name)
        )
        yield f"{name}: moves as the shipped one, {STEPS} steps"


def _judge_layer(cls: Any, settings: dict[str, Any], shape: tuple) -> None:
    layer, inputs = example(cls, settings, shape)
    still = {name: p.value.copy() for name, p in layer.stored().items() if not p.trained}
    _, gradients, weights = run_both_ways(layer, inputs)

    def value() -> float:
        for name, array in still.items():
            layer.stored()[name].value[...] = array
        with Tape(train=True, step=5, seed=7):
            return float((weights * layer(*inputs).value).sum())

    names = [f"input {place + 1}" for place in range(len(inputs))] + list(layer.parameters())
    arrays = [*inputs, *(parameter.value for parameter in layer.parameters().values())]
    for name, array, gradient in zip(names, arrays, gradients, strict=True):
        _compare(f"{_listed(settings)} on {shape}: the gradient to {name}", gradient,
                 numeric_gradient(value, array))  # fmt: skip


def _judge_optimiser(yours: Any, shipped: Any) -> None:
    moved = []
    for cls in (yours, shipped):
        optimiser, parameter = cls(weight_decay=0.1), Parameter(_numbers(6), "w")
        for step in range(STEPS):
            parameter.gradient = _numbers(6) * (step - 1.5)
            optimiser.step({"w": parameter}, 0.1)
        moved.append(parameter.value)
    _compare(f"where {STEPS} steps lead", *moved)


def _compare(what: str, found: np.ndarray, right: np.ndarray) -> None:
    """Raise UserError where two arrays differ by more than the tolerances."""
    if np.shape(found) != right.shape:
        raise UserError(f"{what} has shape {np.shape(found)}, not {right.shape}.")
    wrong = ~np.isclose(found, right, RELATIVE, ABSOLUTE)
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise UserError(
            f"{what} is wrong in {wrong.sum()} of {wrong.size} places, first at {at}: "
            f"{found[at]:.6g}, not {right[at]:.6g}."
        )


def _listed(settings: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in settings.items())
