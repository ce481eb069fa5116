"""The tape: what ran forward, in order, so that the chain rule can run backward.

A layer called inside `with Tape():` is noted with its cache; the list is in topological order by
construction, so backward is the reversed list. Gradients are added, never assigned: a value used
twice (a skip connection, a shared weight, a recurrent state) needs no special case.
"""

import math
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import numpy as np

from rosenblatt.arrays import as_numbers
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.sums import add
from rosenblatt.kernels.core.workspace import ALIGNMENT
from rosenblatt.ranges import FLAG, SEED, check_value

TOO_LARGE = 8  # times what is asked for


class _Stacks(threading.local):
    def __init__(self) -> None:
        self.tapes: list[Tape | None] = []
        self.arenas: list[Arena] = []


_stacks = _Stacks()


def current_tape() -> "Tape | None":
    """Return the innermost tape of this thread, or None: then layers map arrays to arrays."""
    return _stacks.tapes[-1] if _stacks.tapes else None


@contextmanager
def without_tape() -> Iterator[None]:
    """Let layers map arrays to arrays in the block, also where a tape runs around it."""
    _stacks.tapes.append(None)
    try:
        yield
    finally:
        _stacks.tapes.pop()


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an uninitialised array, from the arena in use in this thread where there is one."""
    if _stacks.arenas:
        return _stacks.arenas[-1].empty(shape, np.dtype(dtype))
    return np.empty(shape, dtype)


class _Buffer:
    """Bytes of an arena: `room` from `first`, which is aligned, and the step that last used it.

    given: the array that was made of it last, which is given out again where it fits: that takes a
    third of the time.
    """

    __slots__ = ("alone", "array", "first", "given", "least", "room", "step", "unused")

    def __init__(self, room: int) -> None:
        self.array = np.empty(room + ALIGNMENT, np.uint8)
        self.first = -self.array.ctypes.data % ALIGNMENT
        self.room, self.least, self.step = room, room / TOO_LARGE, 0
        self.made((0,), np.dtype(np.uint8))
        self.unused, self.alone = sys.getrefcount(self.array), sys.getrefcount(self.given)

    def made(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Return an array of its memory."""
        self.given = np.ndarray(shape, dtype, self.array, self.first)
        return self.given

    def is_free(self) -> bool:
        """Return whether no array refers to it but the one given last, and nobody to that."""
        unused = sys.getrefcount(self.array) == self.unused
        return unused and sys.getrefcount(self.given) == self.alone

    def gives(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Return whether it is free, and what was given last is what is asked for."""
        return self.given.shape == shape and self.given.dtype == dtype and self.is_free()

    def fits(self, size: int) -> bool:
        """Return whether it is free, and large enough, but not far too large."""
        return self.least <= size <= self.room and self.is_free()

    def let_go(self) -> None:
        """Give the memory back to the C library."""
        self.array, self.first, self.room = np.empty(0, np.uint8), 0, 0
        self.made((0,), np.dtype(np.uint8))  # what was given last would hold it


class Arena:
    """Memory for one step after another: what no array refers to any more is used again.

    `with arena:` begins a step and makes it the place where `empty` takes from. Steps of equal
    shapes allocate nothing (a fresh large array costs a page fault every 4 KiB): the k-th request
    of each gets the buffer that it got before, or else the smallest free one that is not far too
    large. What two steps have not used is given back.
    """

    def __init__(self) -> None:
        self._buffers: list[_Buffer] = []
        self._had: list[_Buffer] = []  # by each request of a step
        self._next = self._step = 0
        self._in_use = False

    @property
    def in_use(self) -> bool:
        """Return whether a step is under way."""
        return self._in_use

    @property
    def buffers(self) -> list[np.ndarray]:
        """Return the memory, as arrays of bytes."""
        return [buffer.array for buffer in self._buffers]

    @property
    def bytes(self) -> int:
        """Return the size of all buffers in bytes."""
        return sum(buffer.room for buffer in self._buffers)

    def empty(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Return free memory as an uninitialised array."""
        k = self._next
        self._next = k + 1
        had = self._had[k] if k < len(self._had) else None
        if had is not None and had.gives(shape, dtype):
            had.step = self._step
            return had.given
        size = math.prod(shape) * dtype.itemsize
        buffer = had if had is not None and had.fits(size) else self._find(size)
        self._had[k : k + 1] = [buffer]
        buffer.step = self._step
        return buffer.made(shape, dtype)

    def _find(self, size: int) -> _Buffer:
        """Return a free buffer for `size` bytes, or a new one, in the place of smaller free ones.

        The C library joins what these leave, if they lay side by side.
        """
        fitting = [buffer for buffer in self._buffers if buffer.fits(size)]
        if fitting:
            return min(fitting, key=lambda buffer: buffer.room)
        for buffer in self._buffers:
            if buffer.room < size <= TOO_LARGE * buffer.room and buffer.fits(buffer.room):
                buffer.let_go()
        self._buffers = [buffer for buffer in self._buffers if buffer.room]
        self._buffers.append(_Buffer(size))
        return self._buffers[-1]

    def _give_back(self) -> None:
        kept = [buffer for buffer in self._buffers if buffer.step > self._step - 3]
        if len(kept) < len(self._buffers):  # what an array refers to lives on with that
            self._buffers, self._had = kept, []

    def __enter__(self) -> "Arena":
        if self._in_use:
            raise RuntimeError("this arena is in use: its buffers would be given out twice")
        self._in_use = True
        self._next = 0
        self._step += 1
        self._give_back()
        _stacks.arenas.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _stacks.arenas.pop()
        self._in_use = False

    def __reduce__(self) -> tuple:
        return Arena, ()  # a copy of its owner, in this process or another, gets memory of its own


def _sum(first: np.ndarray | None, second: np.ndarray) -> np.ndarray:
    """Return first + second in a new array: either may be shared by several branches."""
    if first is None:
        return second
    out = empty(first.shape, first.dtype)
    add(first.reshape(-1), second.reshape(-1), out.reshape(-1))
    return out


def fitting(gradient: Any, by: "Variable | np.ndarray", name: str) -> np.ndarray:
    """Return the gradient by a value, as its dtype. Raises UserError where it has another shape."""
    if type(gradient) is np.ndarray and gradient.shape == by.shape:
        if gradient.dtype == by.dtype and gradient.flags.c_contiguous:
            return gradient
    elif np.shape(gradient) != by.shape:
        raise UserError(
            f"{name} is of shape {np.shape(gradient)}; the value that it is the gradient by is of "
            f"{by.shape}."
        )
    return np.ascontiguousarray(as_numbers(gradient, name), by.dtype)


class _Gradient:
    """The gradient by a value, None until backward has reached it."""

    __slots__ = ("needed", "total")

    def __init__(self, needed: bool) -> None:
        self.needed = needed
        self.total: np.ndarray | None = None


class Variable:
    """A value of one step: `value`, and its `gradient` once backward has reached it."""

    __slots__ = ("_gradient", "dtype", "shape", "value")

    def __init__(self, value: Any, needs_gradient: bool = False) -> None:
        self.value = value
        self.shape: tuple[int, ...] = getattr(value, "shape", ())
        self.dtype = getattr(value, "dtype", None)
        self._gradient = _Gradient(needs_gradient)

    @property
    def gradient(self) -> np.ndarray | None:
        return self._gradient.total

    @property
    def needs_gradient(self) -> bool:
        return self._gradient.needed

    def accumulate(self, gradient: np.ndarray) -> None:
        """Add a contribution to the gradient."""
        self._gradient.total = _sum(self._gradient.total, gradient)

    def without_value(self) -> "Variable":
        """Return a Variable of the same gradient that does not keep the value."""
        twin = Variable.__new__(Variable)
        twin.value, twin.shape, twin.dtype = None, self.shape, self.dtype
        twin._gradient = self._gradient
        return twin


class Parameter:
    """What a layer keeps from step to step.

    decay tells whether weight decay applies (not to biases and scales); trained is False for
    running statistics and frozen weights, which get no gradient and no step. rate: of learning, in
    the schedule's rates.
    """

    __slots__ = ("decay", "gradient", "name", "rate", "trained", "value")

    def __init__(
        self,
        value: np.ndarray,
        name: str,
        *,
        decay: bool = True,
        trained: bool = True,
        rate: float = 1.0,
    ) -> None:
        self.value = value
        self.name = name
        self.decay = decay
        self.trained = trained
        self.rate = rate
        self.gradient: np.ndarray | None = None

    def accumulate(self, gradient: np.ndarray) -> None:
        """Add a contribution to the gradient of this step."""
        if gradient.shape != self.value.shape:
            raise UserError(f"{self.name} {self.value.shape} got a gradient {gradient.shape}.")
        self.gradient = _sum(self.gradient, gradient)


class Recordable(Protocol):
    """What the tape asks of a layer; see layers/base.py."""

    forward: Callable[..., tuple[np.ndarray, Any]]

    def backward(
        self, d_output: np.ndarray, cache: Any, needs: tuple[bool, ...]
    ) -> tuple[np.ndarray | None, ...]: ...

    def has_trained_parameters(self) -> bool: ...


class Node(NamedTuple):
    """One application of a layer; in training inputs and output are without their values."""

    layer: Recordable
    cache: Any
    inputs: tuple[Variable, ...]
    output: Variable


Rule = Callable[[Any, np.ndarray, Any, tuple[bool, ...]], tuple[np.ndarray | None, ...]]


class Tape:
    """A recording of the layers called inside `with Tape() as tape:`.

    train chooses the training behaviour of dropout and batch normalisation; a tape with
    train=False serves to look into a trained network. Arrays come from `arena`, which the caller
    keeps from step to step. `place`, (seed, step), names the random numbers of this step.
    """

    def __init__(
        self, train: bool = True, arena: Arena | None = None, *, step: int = 0, seed: int = 0
    ) -> None:
        for name, value, wanted in (
            ("train", train, FLAG),
            ("step", step, SEED),
            ("seed", seed, SEED),
        ):
            check_value(name, value, wanted)
        self.train = train
        self.arena = arena or Arena()
        self.place = np.array([seed, step], np.uint64)
        self.calls = 0
        self.nodes: list[Node] = []

    def __enter__(self) -> "Tape":
        self.arena.__enter__()
        _stacks.tapes.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _stacks.tapes.pop()
        self.arena.__exit__(*exception)

    def apply(self, layer: Recordable, inputs: tuple[Variable | np.ndarray, ...]) -> Variable:
        """Run a layer forward and note it. Bare arrays are constants: they get no gradient."""
        variables = tuple(x if isinstance(x, Variable) else Variable(x) for x in inputs)
        self.calls += 1
        value, cache = layer.forward(*[v.value for v in variables], train=self.train)
        needed = layer.has_trained_parameters() or any(v.needs_gradient for v in variables)
        output = Variable(value, needed)
        if needed and self.train:
            ends = tuple(v.without_value() for v in variables)
            self.nodes.append(Node(layer, cache, ends, output.without_value()))
        elif needed:
            self.nodes.append(Node(layer, cache, variables, output))
        return output

    def _backwards(self) -> Iterator[Node]:
        """Yield the nodes, the last first; in training each is forgotten as it is done."""
        if not self.train:
            yield from reversed(self.nodes)
        while self.train and self.nodes:
            yield self.nodes.pop()

    def backward(
        self,
        output: Variable,
        d_output: np.ndarray,
        rules: Mapping[type, Rule] | None = None,
    ) -> None:
        """Carry d_output, the gradient with respect to `output`, back to parameters and inputs.

        rules replaces the backward rule of all layers of a type, as deconvnet and guided
        back-propagation do: {ReLU: function(layer, d_output, cache, needs) -> d_inputs}.
        """
        output.accumulate(fitting(d_output, output, "d_output"))
        for layer, cache, inputs, node_output in self._backwards():
            if node_output.gradient is None:
                continue
            rule = rules.get(type(layer)) if rules else None
            needs = tuple(x.needs_gradient for x in inputs)
            if rule is not None:
                d_inputs = rule(layer, node_output.gradient, cache, needs)
            else:
                d_inputs = layer.backward(node_output.gradient, cache, needs)
            for x, d_input in zip(inputs, d_inputs, strict=True):
                if x.needs_gradient and d_input is not None:
                    what = f"what backward of {type(layer).__name__} gave for an input"
                    x.accumulate(fitting(d_input, x, what))
