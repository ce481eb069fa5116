"""What a training learns from: batches of arrays, of new draws, or of similar sequences."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from rosenblatt.data.corpus import batches_by_length
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.tape import Arena, empty

if TYPE_CHECKING:
    from rosenblatt.train.network import Network
    from rosenblatt.train.plan import Augment, Plan, State


class Batch(NamedTuple):
    """The inputs of one step, each [n, ...], as the module is called with; and targets [n, ...].

    Where inputs were mixed, `others` are the targets of what was mixed in, and `share` is what the
    inputs have of their own.
    """

    inputs: tuple[Any, ...]
    targets: np.ndarray
    others: np.ndarray | None = None
    share: float = 1.0


class Source(Protocol):
    """What `fit` learns from: `steps` batches an epoch."""

    @property
    def steps(self) -> int: ...

    def epoch(self, state: "State") -> Iterator[Batch]:
        """Yield the batches of an epoch, each good until the next; a step is taken in between.

        What is random comes from state.rng, or from state.step and a seed: then a training goes on
        from a checkpoint to the same bits.
        """
        ...


class Drawn(NamedTuple):
    """A source whose batches are newly drawn for every step; an epoch is a number of them."""

    steps: int
    draw: Callable[[np.random.Generator], Batch]

    def epoch(self, state: "State") -> Iterator[Batch]:
        return (self.draw(state.rng) for _ in range(self.steps))


class ByLength(NamedTuple):
    """A source of sequences in batches of `size`, similar lengths together (batches_by_length).

    lengths [N]; batch(rows [n], rng) makes a batch of those rows.
    """

    lengths: np.ndarray
    size: int
    batch: Callable[[np.ndarray, np.random.Generator], Batch]

    @property
    def steps(self) -> int:
        return -(-len(self.lengths) // self.size)

    def epoch(self, state: "State") -> Iterator[Batch]:
        for rows in batches_by_length(self.lengths, self.size, state.rng):
            yield self.batch(rows, state.rng)


def parts_of(rows: int, size: int) -> list[slice]:
    """Return which of so many rows make each batch; a last row alone joins the batch before it.

    A row alone has no variance, so batch normalisation could not learn from it.
    """
    firsts = list(range(0, rows, size))
    if size > 1 and len(firsts) > 1 and rows - firsts[-1] == 1:
        firsts.pop()
    return [slice(*pair) for pair in pairwise([*firsts, rows])]


class Batches:
    """The source of Network.fit: data = (inputs [N, ...], targets [N, ...]), in random order."""

    def __init__(
        self, network: "Network", data: tuple[np.ndarray, np.ndarray], plan: "Plan"
    ) -> None:
        self.network = network
        self.data = data
        self.plan = plan
        self.arena = Arena()

    @property
    def steps(self) -> int:
        return len(parts_of(len(self.data[0]), self.plan.batch_size))

    def epoch(self, state: "State") -> Iterator[Batch]:
        return self.in_order(state.rng.permutation(len(self.data[0])), state.step)

    def in_order(self, order: np.ndarray, step: int) -> Iterator[Batch]:
        """Yield the batches of samples `order`, the first for `step`; each good until the next.

        Where the plan changes inputs, a thread of its own prepares the next batch while the caller
        works on this one: kernels free the interpreter. A batch is a function of seed and step
        alone, so nothing depends on when it is made.
        """
        parts = [order[part] for part in parts_of(len(order), self.plan.batch_size)]
        if self.plan.augment is None and self.plan.mixup is None:
            yield from (self.prepare(part, step + place) for place, part in enumerate(parts))
            return
        with ThreadPoolExecutor(1, "batches", use_threads, (1,)) as helper:
            coming = helper.submit(self.prepare, parts[0], step)
            for place in range(1, len(parts)):
                batch = coming.result()
                coming = helper.submit(self.prepare, parts[place], step + place)
                yield batch
            yield coming.result()

    def prepare(self, index: np.ndarray, step: int) -> Batch:
        """Return the batch of the samples `index` [n] for a step."""
        plan = self.plan
        with self.arena:
            inputs = self.network.prepare(_gather(self.data[0], index))
            if plan.augment is not None:
                inputs = _augmented(plan.augment, inputs, plan.seed, step)
            batch = Batch((inputs,), _gather(self.data[1], index))
            return plan.mixup(batch, plan.seed, step) if plan.mixup is not None else batch


def _augmented(augment: "Augment", inputs: np.ndarray, seed: int, step: int) -> np.ndarray:
    """Return what augment makes of a batch. Raises UserError where that is no such batch."""
    form = inputs.shape, inputs.dtype
    result = augment(inputs, seed, step, out=inputs)
    if not isinstance(result, np.ndarray) or (result.shape, result.dtype) != form:
        raise UserError(
            f"augment must return the batch that it made, {form[1]} of shape {form[0]}; it "
            f"returned {str(result)[:60]}."
        )
    return np.ascontiguousarray(result)


def _gather(array: np.ndarray, index: np.ndarray) -> np.ndarray:
    out = empty((len(index), *array.shape[1:]), array.dtype)
    return np.take(array, index, axis=0, out=out, mode="clip")  # "raise" would copy once more
