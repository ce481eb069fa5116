"""Forward and backward in training; in small networks, after the first step, by replay.

A step is captured where each part of a network says `replays`: that a call runs kernels alone, the
same for all inputs of one form. The next inputs of that form are copied into its memory, and its
kernels run again: the same bits, without the Python between them. Loss, metric and optimiser are
called as ever. The first replay of a training is held against a step that is run as ever.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.capture import Call, capture
from rosenblatt.kernels.core.cpu import threads_in_use
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.layers import Module
from rosenblatt.tape import Arena, Parameter, Tape, Variable, empty, fitting
from rosenblatt.train.optimisers import Optimiser

SMALL = 1 << 24  # bytes of a step's arrays; in larger steps Python takes little, and memory counts

Backward = Callable[[np.ndarray], None]


class Passes:
    """The ways through a module in training, forward and back, step after step.

    parameters: the trained ones, by dotted name. Without `replaying` nothing is captured.
    """

    def __init__(self, module: Module, replaying: bool = True) -> None:
        self.module = module
        self.parameters = module.parameters()
        self._may_replay = replaying and not JIT_DISABLED and all(map(replays, _parts(module)))
        self._arena = Arena()
        self._is_first, self._is_checked = True, False
        self._step: _Captured | None = None
        self._is_captured = False  # this step

    def begin_epoch(self) -> None:
        """Note that what the module is made of may have changed."""
        self.parameters = self.module.parameters()
        self._step = None

    def forward(self, tape: Tape, inputs: tuple[Any, ...]) -> tuple[np.ndarray, Backward]:
        """Return the outputs, and what takes their gradient back to the parameters."""
        self._is_captured = False
        if not self._may_replay or self._is_first or not _are_arrays(inputs):
            self._is_first = False  # its memory tells whether the network is small
            return _forward(self.module, tape, inputs)
        if self._step is None:
            if tape.arena.bytes > SMALL:
                self._may_replay = False
                return _forward(self.module, tape, inputs)
            self._step = _Captured(self._arena, self.parameters, inputs)
            self._is_captured = True
            return self._step.first(self.module, tape)
        if not self._step.fits(inputs):
            return _forward(self.module, tape, inputs)
        self._is_captured = True
        if not self._is_checked:
            self._is_checked = True
            return self._step.checked(self.module, tape, inputs)
        return self._step.again(tape, inputs)

    def step(self, optimiser: Optimiser, rate: float, scale: float) -> None:
        """Move the parameters along the gradients, as optimiser.step does."""
        if self._step is not None and self._is_captured and replays(optimiser):
            self._step.move(optimiser, self.parameters, rate, scale)
        else:
            optimiser.step(self.parameters, rate, scale)


def _forward(module: Module, tape: Tape, inputs: tuple[Any, ...]) -> tuple[np.ndarray, Backward]:
    output = module(*inputs)
    return output.value, partial(tape.backward, output)


class _Captured:
    """A step that runs again: its calls, and the arrays at its ends, in an arena of its own."""

    def __init__(
        self, arena: Arena, parameters: dict[str, Parameter], inputs: tuple[np.ndarray, ...]
    ) -> None:
        self.arena = arena
        self.threads = threads_in_use()
        self.held = [(p, p.value) for p in parameters.values()]
        self.is_whole = False
        self.calls_move: list[Call] | None = None
        with arena:
            self.inputs = tuple(map(_copy, inputs))

    def fits(self, inputs: tuple[np.ndarray, ...]) -> bool:
        """Return whether the calls are those that these inputs would lead to."""
        return (
            self.is_whole
            and self.threads == threads_in_use()
            and len(inputs) == len(self.inputs)
            and all(
                x.shape == own.shape and x.dtype == own.dtype
                for x, own in zip(inputs, self.inputs, strict=True)
            )
            and all(p.value is value and p.trained and p.gradient is None for p, value in self.held)
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
        self.gradients = [p.gradient for p, _ in self.held]
        self.is_whole = True

    def again(self, tape: Tape, inputs: tuple[np.ndarray, ...]) -> tuple[np.ndarray, Backward]:
        """Go forward by replay."""
        for own, x in zip(self.inputs, inputs, strict=True):
            np.copyto(own, x)
        np.copyto(self.place, tape.place)
        for call in self.calls_forward:
            call()
        return _copy(self.output), self._back

    def checked(
        self, module: Module, tape: Tape, inputs: tuple[np.ndarray, ...]
    ) -> tuple[np.ndarray, Backward]:
        """Go forward by replay and as ever. Raises UserError where the two differ, then or back."""
        still = [(p.value, p.value.copy()) for p in module.stored().values() if not p.trained]
        expected = module(*inputs)
        for value, before in still:
            np.copyto(value, before)  # running statistics move once
        output, back = self.again(tape, inputs)
        _check_same([output], [expected.value], module)

        def both_back(d_output: np.ndarray) -> None:
            tape.backward(expected, d_output)
            gradients = [parameter.gradient for parameter, _ in self.held]
            back(d_output)
            _check_same(self.gradients, gradients, module)

        return output, both_back

    def move(
        self, optimiser: Optimiser, parameters: dict[str, Parameter], rate: float, scale: float
    ) -> None:
        """Move the parameters; the first time it is captured."""
        if self.calls_move is None:
            with capture() as self.calls_move:
                optimiser.step(parameters, rate, scale)
            return
        optimiser.begin(rate, scale)
        for call in self.calls_move:
            call()
        for parameter, _ in self.held:
            parameter.gradient = None

    def _back(self, d_output: np.ndarray) -> None:
        np.copyto(self.d_output, fitting(d_output, self.output, "d_output"))
        for call in self.calls_backward:
            call()
        for (parameter, _), gradient in zip(self.held, self.gradients, strict=True):
            parameter.gradient = gradient


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


def _are_arrays(inputs: tuple[Any, ...]) -> bool:
    return all(type(x) is np.ndarray and x.flags.c_contiguous for x in inputs)


def _parts(module: Module) -> Iterator[Module]:
    """Yield a module and all below it."""
    yield module
    for _, child in module.children():
        if isinstance(child, Module):
            yield from _parts(child)


def replays(part: Module | Optimiser) -> bool:
    """Return whether a part says it of itself: what a subclass or an instance changed may not."""
    changed = vars(part).keys() & {"forward", "backward", "__call__", "update"}
    return vars(type(part)).get("replays", False) and not changed
