"""The range of learning rates that a network bears: a short training whose rate rises."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementary import power
from rosenblatt.layers import Module
from rosenblatt.ranges import Real, Whole, check_value
from rosenblatt.shown import as_curve
from rosenblatt.train.batches import Source
from rosenblatt.train.fit import may_replay, train_step
from rosenblatt.train.plan import Plan, State
from rosenblatt.train.replay import Passes

SMOOTH = 0.9  # share of the mean loss so far in the next one
BEYOND = 4.0  # times the least loss: there the search ends
BELOW = 10.0  # the rate suggested is so many times below that of the least loss
RATE, STEPS = Real(1e-12, 1e3), Whole(2, 100_000)


class RateSearch(NamedTuple):
    """The rates that were tried, [n], the smoothed loss at each, and one to begin with."""

    rates: np.ndarray
    losses: np.ndarray
    suggested: float

    def _repr_html_(self) -> str:
        ends = f"{self.rates[0]:.2g} to {self.rates[-1]:.2g}"
        return (
            f"<b>rate {self.suggested:.2g}</b>; loss at {ends}:<br>{as_curve(self.losses.tolist())}"
        )


class Rising:
    """A schedule that rises from `low` to `high`, each step by the same factor."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __call__(self, progress: float) -> float:
        return self.low * float(power(self.high / self.low, progress))


def find_rate(
    module: Module, source: Source, plan: Plan, ends: tuple[float, float], steps: int
) -> RateSearch:
    """Train on batches of a source while the rate rises between `ends`; the weights come back.

    Smith 2017, "Cyclical learning rates for training neural networks", section 3.3, with a rate
    that rises by a factor instead of a sum. The losses are smoothed, and the search ends where they
    are far above their least; the rate suggested is a tenth of the one there. Raises UserError
    where low is not below high, or no step could be taken.
    """
    low, high = ends
    for name, value in (("low", low), ("high", high)):
        check_value(name, value, RATE)
    check_value("steps", steps, STEPS)
    if low >= high:
        raise UserError(f"low = {low:g} must lie below high = {high:g}.")
    plan = replace(plan, schedule=Rising(low, high), metric=None, average=None)
    rng = np.random.default_rng(plan.seed)
    state = State(plan.optimiser, rng, steps, 1 + steps // source.steps)
    before = {name: value.copy() for name, value in module.state().items()}
    try:
        rates, losses = _rise(module, source, plan, state)
    finally:
        module.load_state(before)
    return RateSearch(rates, losses, float(rates[losses.argmin()]) / BELOW)


def _rise(module: Module, source: Source, plan: Plan, state: State) -> tuple[Any, Any]:
    """Take steps until the last, or the loss is far above its least; return rates and losses."""
    passes, mean = Passes(module, may_replay(plan, source)), 0.0
    rates: list[float] = []
    losses: list[float] = []
    while True:
        for batch in source.epoch(state):
            try:
                loss, _ = train_step(passes, batch, plan, state)
            except UserError:
                if not losses:
                    raise
                return np.array(rates), np.array(losses)
            mean = SMOOTH * mean + (1 - SMOOTH) * loss
            rates.append(state.rate)
            losses.append(mean / (1 - SMOOTH ** len(rates)))  # as if it had begun at its mean
            if len(rates) == state.total_steps or losses[-1] > BEYOND * min(losses):
                return np.array(rates), np.array(losses)
        state.epoch += 1
