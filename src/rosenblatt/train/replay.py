"""Forward and backward in training; in small networks, after the first step, by replay.

A step is captured where each part of a network says `replays`: that a call runs kernels alone, the
same for all inputs of one form. The next inputs of that form are copied into its memory, and its
kernels run again: the same bits, without the Python between them. Loss, metric and optimiser are
called as ever. The first replay is held against a step that is run as ever.
"""

from collections.abc import Callable, Iterator
from functools import partial
from operator import is_
from typing import Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.capture import Call, capture
from rosenblatt.kernels.core.cpu import threads_in_use
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.layers import Module
from rosenblatt.tape import Arena, Parameter, Tape, Variable, empty, fitting
from rosenblatt.train.optimisers import SGD, Adam, Optimiser

SMALL = 1 << 24  # bytes of a step's arrays; in larger steps Python takes little, and memory counts
FORMS = 2  # of steps that are captured: a batch's, and the last of an epoch's

Backward = Callable[[np.ndarray], None]
Form = tuple[tuple[tuple[int, ...], ...], int]  # shapes of inputs, and threads


class Passes:
    """The ways through a module in training, forward and back, step after step.

    parameters: the trained ones, by dotted name. Without `replaying` nothing is captured.
    """

    def __init__(self, module: Module, replaying: bool = True) -> None:
        self.module = module
        self.parameters: dict[str, Parameter] = {}
        self._replaying = replaying and not JIT_DISABLED
        self._made: list[Any] = []
        self._is_small: bool | None = None  # which the memory of the first step tells
        self._arena = Arena()
        self._captured: dict[Form, _Captured] = {}
        self._step: _Captured | None = None  # the one under way
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Look whether the module was changed, and if so forget what is captured."""
        parts = list(_parts(self.module))
        made = [v for part in parts for name, v in vars(part).items() if name != "accepted"]
        for p in self.module.stored().values():
            made += [p.trained, p.rate, p.decay]
        if _same(made, self._made):
            return
        self.parameters, self._made, self._captured = self.module.parameters(), made, {}
        self._may_replay = self._replaying and all(map(_replays, parts))

    def forward(self, tape: Tape, inputs: tuple[Any, ...]) -> tuple[np.ndarray, Backward]:
        """Return the outputs, and what takes their gradient back to the parameters."""
        if self._is_small is None and tape.arena.bytes:
            self._is_small = tape.arena.bytes <= SMALL
        form = self._form(inputs) if self._may_replay and self._is_small else None
        self._step = step = self._captured.get(form) if form else None
        if step is not None and step.fits():
            return step.again(self.module, tape, inputs)
        if form is not None and step is None and len(self._captured) < FORMS:
            self._step = self._captured[form] = _Captured(self._arena, self.parameters, inputs)
            return self._step.first(self.module, tape)
        self._step = None
        output = self.module(*inputs)
        return output.value, partial(tape.backward, output)

    def step(self, optimiser: Optimiser, rate: float, scale: float) -> None:
        """Move the parameters along the gradients, as optimiser.step does."""
        if self._step is not None and type(optimiser) in (SGD, Adam):
            self._step.move(optimiser, rate, scale)
        else:
            optimiser.step(self.parameters, rate, scale)

    def _form(self, inputs: tuple[Any, ...]) -> Form | None:
        """Return all that the calls of a step go by, or None where its inputs are converted."""
        first = next(iter(self.parameters.values()), None)
        form = []
        for x in inputs:
            if type(x) is not np.ndarray or not x.flags.c_contiguous or first is None:
                return None
            if x.dtype != first.value.dtype:
                return None
            form.append(x.shape)
        return tuple(form), threads_in_use()


class _Captured:
    """A step that runs again: its calls, and the arrays at its ends, in an arena of its own."""

    def __init__(
        self, arena: Arena, parameters: dict[str, Parameter], inputs: tuple[np.ndarray, ...]
    ) -> None:
        self.arena = arena
        self.parameters = parameters
        self.values = [parameter.value for parameter in parameters.values()]
        self.is_whole = self.is_checked = False
        self.calls_move: list[Call] = []
        self.mover: list[Any] = []  # what they go by
        with arena:
            self.inputs = tuple(map(_copy, inputs))

    def fits(self) -> bool:
        """Return whether the parameters are the same arrays, trained, and without a gradient."""
        return self.is_whole and all(
            p.value is value and p.trained and p.gradient is None
            for p, value in zip(self.parameters.values(), self.values, strict=True)
        )

    def first(self, module: Module, tape: Tape) -> tuple[np.ndarray, Backward]:
        """Go forward, and capture it."""
        self.place = tape.place
        with self.arena, capture() as self.calls_forward:
            output = module(*self.inputs)
        self.output = output.value
        return _copy(self.output), partial(self._first_back, tape, output)

    def _first_back(self, tape: Tape, output: Variable, d_output: np.ndarray) -> None:
        with self.arena, capture() as self.calls_backward:
            self.d_output = _copy(fitting(d_output, output, "d_output"))
            tape.backward(output, self.d_output)
        self.gradients = [parameter.gradient for parameter in self.parameters.values()]
        self.is_whole = True

    def again(
        self, module: Module, tape: Tape, inputs: tuple[np.ndarray, ...]
    ) -> tuple[np.ndarray, Backward]:
        """Go forward by replay; the first time it is checked."""
        if not self.is_checked:
            return self._checked(module, tape, inputs)
        return self._forward(tape, inputs), self._back

    def _forward(self, tape: Tape, inputs: tuple[np.ndarray, ...]) -> np.ndarray:
        for own, x in zip(self.inputs, inputs, strict=True):
            np.copyto(own, x)
        np.copyto(self.place, tape.place)
        for call in self.calls_forward:
            call()
        return _copy(self.output)

    def _back(self, d_output: np.ndarray) -> None:
        np.copyto(self.d_output, fitting(d_output, self.output, "d_output"))
        for call in self.calls_backward:
            call()
        for parameter, gradient in zip(self.parameters.values(), self.gradients, strict=True):
            parameter.gradient = gradient

    def _checked(
        self, module: Module, tape: Tape, inputs: tuple[np.ndarray, ...]
    ) -> tuple[np.ndarray, Backward]:
        """Go both ways by replay and as ever. Raises UserError where they differ."""
        self.is_checked = True
        still = [(p.value, p.value.copy()) for p in module.stored().values() if not p.trained]
        expected = module(*inputs)
        for value, before in still:
            np.copyto(value, before)  # running statistics move once
        output = self._forward(tape, inputs)
        _check_same([output], [expected.value], module)

        def both_back(d_output: np.ndarray) -> None:
            tape.backward(expected, d_output)
            gradients = [parameter.gradient for parameter in self.parameters.values()]
            self._back(d_output)
            _check_same(self.gradients, gradients, module)

        return output, both_back

    def move(self, optimiser: Optimiser, rate: float, scale: float) -> None:
        """Move the parameters; it is captured where the optimiser is not as it was."""
        if not _same(self.mover, _made_of(optimiser)):
            with capture() as self.calls_move:
                optimiser.step(self.parameters, rate, scale)
            self.mover = _made_of(optimiser)
            return
        optimiser.begin(rate, scale)
        for call in self.calls_move:
            call()
        for parameter in self.parameters.values():
            parameter.gradient = None


def _made_of(optimiser: Optimiser) -> list[Any]:
    """Return an optimiser, its settings, and the arrays that it remembers."""
    return [optimiser, *vars(optimiser).values(), *optimiser.memory.values()]


def _same(first: list[Any], second: list[Any]) -> bool:
    """Return whether two lists hold the very same objects."""
    return len(first) == len(second) and all(map(is_, first, second))


def _check_same(replayed: list[Any], expected: list[Any], module: Module) -> None:
    if _bits(replayed) != _bits(expected):
        names = sorted({type(part).__name__ for part in _parts(module)})
        raise UserError(
            f"a step run again gave other numbers, although {', '.join(names)} say `replays`: one "
            "calls more than kernels. Let it call that by `do` "
            "(rosenblatt/kernels/core/capture.py), or take out its line `replays = True`."
        )


def _bits(arrays: list[np.ndarray | None]) -> list[bytes | None]:
    return [None if array is None else array.tobytes() for array in arrays]


def _copy(array: np.ndarray) -> np.ndarray:
    copy = empty(array.shape, array.dtype)
    np.copyto(copy, array)
    return copy


def _parts(module: Module) -> Iterator[Module]:
    """Yield a module and all below it."""
    yield module
    for _, child in module.children():
        if isinstance(child, Module):
            yield from _parts(child)


def _replays(module: Module) -> bool:
    """Return whether a module says it of itself: what a subclass or an instance changed may not."""
    changed = vars(module).keys() & {"forward", "backward", "__call__"}
    return vars(type(module)).get("replays", False) and not changed
