"""Means of a network's weights along its training, which often predict better than the last."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from rosenblatt.kernels.neural.optimisers import approach
from rosenblatt.layers import BatchNormalisation, Module
from rosenblatt.ranges import BELOW_ONE, Range, check_settings
from rosenblatt.tape import Tape

if TYPE_CHECKING:
    from rosenblatt.train.plan import State


class Averaging(Protocol):
    """Says after each step how much the weights count in their mean, 0 where they do not."""

    def weight(self, state: "State") -> float: ...


@dataclass(frozen=True)
class Exponential:
    """A running mean over about 1 / (1 - decay) steps (Polyak & Juditsky 1992).

    In the first steps it forgets faster. Raises UserError where decay is not in [0, 1).
    """

    settings: ClassVar[dict[str, Range]] = {"decay": BELOW_ONE}

    decay: float = 0.999

    def __post_init__(self) -> None:
        check_settings(self)

    def weight(self, state: "State") -> float:
        return 1.0 - min(self.decay, (1 + state.step) / (10 + state.step))


@dataclass(frozen=True)
class Stochastic:
    """The mean of the weights at the ends of the last epochs (Izmailov et al. 2018, algorithm 1).

    start: the share of the training after which it begins; the last epoch counts always.
    Raises UserError where start is not in [0, 1).
    """

    settings: ClassVar[dict[str, Range]] = {"start": BELOW_ONE}

    start: float = 0.75

    def __post_init__(self) -> None:
        check_settings(self)

    def weight(self, state: "State") -> float:
        steps = state.total_steps // state.total_epochs
        first = min(int(self.start * state.total_epochs), state.total_epochs - 1)
        count = state.step // steps - first
        return 1.0 / count if state.step % steps == 0 and count > 0 else 0.0


def follow(module: Module, state: "State", averaging: Averaging) -> None:
    """Move the mean of the weights towards those after this step."""
    weight = averaging.weight(state)
    if weight == 0.0:
        return
    if state.average is None:
        state.average = {name: value.copy() for name, value in module.state().items()}
    for name, value in module.state().items():
        approach(state.average[name].reshape(-1), value.reshape(-1), value.dtype.type(weight))


@contextmanager
def averaged(module: Module, state: "State") -> Iterator[None]:
    """Put the averaged weights, where there are any, into the network for a while."""
    if state.average is None:
        yield
        return
    trained = {name: value.copy() for name, value in module.state().items()}
    module.load_state(state.average)
    try:
        yield
    finally:
        module.load_state(trained)


def renew_statistics(module: Module, batches: Iterable[tuple[Any, ...]], **tape: Any) -> None:
    """Measure again what batch normalisation divides by, as the mean over batches of inputs.

    Averaged weights have other activations (Izmailov et al. 2018, section 3.2), and of few samples
    a step the last steps' mean is noisy. tape: further settings of the tapes for training.
    """
    layers = list(_normalisations(module))
    momenta = [layer.momentum for layer in layers]
    seen = 0
    for inputs in batches if layers else ():
        seen += len(inputs[0])
        for layer in layers:
            layer.momentum = len(inputs[0]) / seen  # so that the mean over all samples results
        with Tape(train=True, **tape):
            module(*inputs)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum


def _normalisations(module: Module) -> Iterator[BatchNormalisation]:
    for _, child in module.children():
        if isinstance(child, BatchNormalisation):
            yield child
        elif isinstance(child, Module):
            yield from _normalisations(child)
