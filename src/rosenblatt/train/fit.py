"""The training loop: batches, steps, validation, and the weights that did best."""

import copy
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.optimisers import approach
from rosenblatt.kernels.sums import sum_of_squares
from rosenblatt.tape import Parameter, Tape, empty
from rosenblatt.train.plan import Plan, State

if TYPE_CHECKING:
    from rosenblatt.train.network import Network

Data = tuple[np.ndarray, np.ndarray]


def fit(network: "Network", data: Data, plan: Plan, validation: Data | None = None) -> State:
    """Train a network on data = (inputs [N, ...], targets [N, ...]) and return the final state.

    With validation data the weights of the best epoch are restored at the end: that of the highest
    metric, ties to the lower loss. Equal seeds give equal bits, whatever the threads.
    Raises UserError where there is no sample, or the loss is no longer a number.
    """
    N = len(data[0])
    if N == 0 or len(data[1]) != N:
        raise UserError(f"cannot train on {N} inputs with {len(data[1])} targets")
    state = State(
        optimiser=copy.deepcopy(plan.optimiser),
        rng=np.random.default_rng(plan.seed),
        total_steps=plan.epochs * -(-N // plan.batch_size),
        total_epochs=plan.epochs,
    )
    run(network, data, plan, state, validation)
    return state


def run(network: "Network", data: Data, plan: Plan, state: State, validation: Data | None) -> None:
    """Go on from `state` until the epochs are done, patience is out or a callback stops it."""
    _tell(plan, "on_start", network, state)
    try:
        while state.epoch < plan.epochs and not state.stop:
            _train_epoch(network, data, plan, state)
            with _averaged(network, state):
                _close_epoch(network, plan, state, validation)
            _tell(plan, "on_epoch", network, state)
    finally:
        _tell(plan, "on_end", network, state)
    if state.best_weights is not None:
        network.load_state(state.best_weights)
    elif state.average is not None:
        network.load_state(state.average)


def _tell(plan: Plan, event: str, network: "Network", state: State) -> None:
    for callback in plan.callbacks:
        getattr(callback, event)(network, state)


def _train_epoch(network: "Network", data: Data, plan: Plan, state: State) -> None:
    order = state.rng.permutation(len(data[0]))
    parameters = network.parameters()
    start = time.perf_counter()
    state.loss = state.metric = 0.0
    state.samples = 0
    for first in range(0, len(order), plan.batch_size):
        index = order[first : first + plan.batch_size]
        loss, metric = train_step(network, parameters, (data[0], data[1], index), plan, state)
        state.samples += len(index)
        share = len(index) / state.samples
        state.loss += share * (loss - state.loss)
        state.metric += share * (metric - state.metric)
        state.seconds = time.perf_counter() - start
        _tell(plan, "on_step", network, state)
        if state.stop:
            break
    state.epoch += 1


def train_step(
    network: "Network",
    parameters: dict[str, Parameter],
    batch: tuple[np.ndarray, np.ndarray, np.ndarray],
    plan: Plan,
    state: State,
) -> tuple[float, float]:
    """Take one step on batch = (all inputs, all targets, index of the samples to take).

    Returns the loss and the metric before the step. Raises UserError where the loss is no number.
    """
    state.rate = plan.schedule(state.step / state.total_steps)
    *data, index = batch
    with Tape(train=True, arena=network.arena, step=state.step, seed=plan.seed) as tape:
        inputs, targets = network.prepare(_gather(data[0], index)), _gather(data[1], index)
        if plan.augment is not None:
            inputs = plan.augment(inputs, plan.seed, state.step, out=inputs)
        output = network(inputs)
        loss, d_output = plan.loss(output.value, targets)
        if not math.isfinite(loss):
            raise UserError(
                f"the loss became {loss} in epoch {state.epoch + 1}, step {state.step + 1}; "
                f"lower the learning rate (now {state.rate:g}), clip the gradients or look for "
                "extreme values in the inputs"
            )
        metric = plan.metric(output.value, targets) if plan.metric else 0.0
        tape.backward(output, d_output)
        scale = clip_scale(parameters, plan.clip_norm) if plan.clip_norm else 1.0
        state.optimiser.step(parameters, state.rate, scale)
    state.step += 1
    if plan.average is not None:
        _update_average(network, state, plan.average)
    return loss, metric


def _gather(array: np.ndarray, index: np.ndarray) -> np.ndarray:
    out = empty((len(index), *array.shape[1:]), array.dtype)
    return np.take(array, index, axis=0, out=out, mode="clip")  # "raise" would copy once more


def clip_scale(parameters: dict[str, Parameter], norm: float) -> float:
    """Return the factor that brings the norm of all gradients together down to `norm`."""
    square = sum(
        sum_of_squares(p.gradient.reshape(-1))
        for p in parameters.values()
        if p.gradient is not None
    )
    return norm / math.sqrt(square) if square > norm * norm else 1.0


def _update_average(network: "Network", state: State, decay: float) -> None:
    """Move the running mean of the weights; in the first steps it forgets faster."""
    if state.average is None:
        state.average = {name: value.copy() for name, value in network.state().items()}
    decay = min(decay, (1 + state.step) / (10 + state.step))
    for name, value in network.state().items():
        weight = value.dtype.type(1.0 - decay)
        approach(state.average[name].reshape(-1), value.reshape(-1), weight)


@contextmanager
def _averaged(network: "Network", state: State) -> Iterator[None]:
    """Put the averaged weights, where there are any, into the network for a while."""
    if state.average is None:
        yield
        return
    trained = {name: value.copy() for name, value in network.state().items()}
    network.load_state(state.average)
    try:
        yield
    finally:
        network.load_state(trained)


def _close_epoch(network: "Network", plan: Plan, state: State, validation: Data | None) -> None:
    """Validate, keep the weights where they are the best so far, and write the history's row."""
    row: dict[str, Any] = {"epoch": state.epoch, "step": state.step, "loss": state.loss}
    if plan.metric:
        row["metric"] = state.metric
    if validation is not None:
        outputs = network.outputs(validation[0])
        loss = plan.loss(outputs, validation[1])[0]
        metric = plan.metric(outputs, validation[1]) if plan.metric else -loss
        row["validation_loss"] = loss
        if plan.metric:
            row["validation_metric"] = metric
        if state.best_score is None or (metric, -loss) > state.best_score:
            state.best_score, state.best_epoch = (metric, -loss), state.epoch
            state.best_weights = {name: v.copy() for name, v in network.state().items()}
        elif plan.patience is not None and state.epoch - state.best_epoch >= plan.patience:
            state.stop = True
    speed = state.samples / max(state.seconds, 1e-9)
    row |= {"rate": state.rate, "seconds": state.seconds, "samples_per_second": speed}
    state.history.append(row)
