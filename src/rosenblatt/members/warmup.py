"""Compile what networks need side by side, before workers would all compile the same.

Numba compiles in one thread a process, and workers that start with an empty cache meet the same
kernels in the same order. So each worker first plays its part alone: all layers of one type, once
forward and back, on zeros; another the rest of a training step. A file in the cache tells that a
network was warmed up with these kernels.
"""

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.cache import cache_folder, keep
from rosenblatt.kernels.core.cpu import cpu_name
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.layers import Dense, Flatten
from rosenblatt.phases import phase
from rosenblatt.tape import Tape, Variable
from rosenblatt.train import Network
from rosenblatt.train.counted import counted
from rosenblatt.train.fit_results import key_of
from rosenblatt.train.parallel import Advance, run

if TYPE_CHECKING:
    from rosenblatt.members.network import NetworkMember

ROWS = 2  # of the batches of zeros
SHORT: dict[str, Any] = {
    "count": 1,
    "epochs": 1,
    "snapshots": 1,
    "patience": 0,
    "batch_size": ROWS,
}
STEP = ("Flatten", "Dense")  # what the short training of a step's other parts runs anyway


class _Part(Tape):
    """A tape that runs only the layers of some types; the others give zeros."""

    def __init__(self, types: Iterable[str]) -> None:
        super().__init__(train=True)
        self.types = frozenset(types)

    def apply(self, layer: Any, inputs: tuple[Any, ...]) -> Variable:
        if type(layer).__name__ in self.types:
            return super().apply(layer, inputs)
        first, *others = (x.value if isinstance(x, Variable) else x for x in inputs)
        shapes = tuple(x.shape[1:] for x in (first, *others))
        shape = layer.output_shape(shapes if others else shapes[0])
        return Variable(np.zeros((len(first), *shape), first.dtype), needs_gradient=True)


class _Costs(_Part):
    """A tape that runs nothing, and adds up the multiplications of each type of layer."""

    def __init__(self) -> None:
        super().__init__(())
        self.costs: dict[str, int] = {}

    def apply(self, layer: Any, inputs: tuple[Any, ...]) -> Variable:
        output = super().apply(layer, inputs)
        first = inputs[0].value if isinstance(inputs[0], Variable) else inputs[0]
        cost = layer.multiply_adds(first.shape[1:]) if len(inputs) == 1 else 0
        name = type(layer).__name__
        self.costs[name] = self.costs.get(name, 0) + cost
        return output


def parts(network: Network) -> list[tuple[str, ...]]:
    """Return what to compile side by side, as types of layers, the costliest first; () is a step.

    The step comes second: with two workers each begins with one of the two largest parts.
    """
    tape = _Costs()
    with tape:
        network(np.zeros((ROWS, *network.input_shape), np.float32))
    types = [name for name in tape.costs if name not in STEP]
    found: list[tuple[str, ...]] = [
        (name,) for name in sorted(types, key=lambda name: -tape.costs[name])
    ]
    return [*found[:1], (), *found[1:]]


def play(network: Network, types: tuple[str, ...]) -> None:
    """Run the layers of some types forward and back, on zeros."""
    with _Part(types) as tape:
        network(np.zeros((ROWS, *network.input_shape), np.float32))
        for layer, cache, inputs, output in tape.nodes:
            needs = tuple(x.needs_gradient for x in inputs)
            layer.backward(np.zeros(output.shape, output.dtype), cache, needs)


def play_step(member: "NetworkMember", shape: tuple[int, ...], classes: int) -> None:
    """Train the smallest network as a member is trained, and ask it."""
    x, labels = np.zeros((ROWS, *shape), np.float32), np.arange(ROWS) % classes
    network = Network([Flatten(), Dense(classes)], shape)
    network.fit(x, labels, member.plan(0, labels, classes))
    network.predict_proba(x)


def _play(shared: None, task: tuple["NetworkMember", Any, int, Any], advance: Advance) -> None:
    member, shape, classes, types = task
    if types:
        play(Network(member.layers(classes), shape), types)
    else:
        play_step(member, shape, classes)
    advance(1)


def warm_up(
    members: Iterable["NetworkMember"], shape: tuple[int, ...], classes: int, threads: int
) -> None:
    """Have the kernels of these members' networks, for images [H, W, C], in Numba's cache."""
    if JIT_DISABLED or threads < 2:
        return
    tasks, marks, facts = [], [], []
    for member in members:
        short = dataclasses.replace(member, **SHORT)
        key = key_of(__name__, dataclasses.asdict(short), list(shape), classes, cpu_name())
        mark = cache_folder() / "warmed-up" / key
        if not mark.exists():
            marks.append(mark)
            facts.append((short, shape, classes))
            found = parts(Network(short.layers(classes), shape))
            tasks += [(short, shape, classes, types) for types in found]
    title = "preparing kernels, layer by layer, once on this computer"
    with counted(facts), phase(title, len(tasks), even=False) as done:
        run(_play, None, tasks, threads, done)
    for mark in marks:
        keep(mark, b"")
