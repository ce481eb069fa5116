"""The batches of an epoch: gathered, changed and mixed, the next one while a step runs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.tape import Arena, empty

if TYPE_CHECKING:
    from rosenblatt.train.network import Network
    from rosenblatt.train.plan import Plan


class Batch(NamedTuple):
    """Inputs [n, ...] and targets [n, ...] of one step.

    Where inputs were mixed, `others` are the targets of what was mixed in, and `share` is what the
    inputs have of their own.
    """

    inputs: np.ndarray
    targets: np.ndarray
    others: np.ndarray | None = None
    share: float = 1.0


def parts_of(rows: int, size: int) -> list[slice]:
    """Return which of so many rows make each batch; a last row alone joins the batch before it.

    A row alone has no variance, so batch normalisation could not learn from it.
    """
    firsts = list(range(0, rows, size))
    if size > 1 and len(firsts) > 1 and rows - firsts[-1] == 1:
        firsts.pop()
    return [slice(*pair) for pair in pairwise([*firsts, rows])]


class Batches:
    """The batches of a training on data = (inputs [N, ...], targets [N, ...])."""

    def __init__(
        self, network: "Network", data: tuple[np.ndarray, np.ndarray], plan: "Plan"
    ) -> None:
        self.network = network
        self.data = data
        self.plan = plan
        self.arenas = Arena(), Arena()  # one for the step that runs, one for the next

    def epoch(self, order: np.ndarray, step: int) -> Iterator[Batch]:
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
        with self.arenas[step % 2]:
            inputs = self.network.prepare(_gather(self.data[0], index))
            batch = Batch(inputs, _gather(self.data[1], index))
            if plan.augment is not None:
                changed = plan.augment(batch.inputs, plan.seed, step, out=batch.inputs)
                batch = batch._replace(inputs=changed)
            return plan.mixup(batch, plan.seed, step) if plan.mixup is not None else batch


def _gather(array: np.ndarray, index: np.ndarray) -> np.ndarray:
    out = empty((len(index), *array.shape[1:]), array.dtype)
    return np.take(array, index, axis=0, out=out, mode="clip")  # "raise" would copy once more
