"""The training loop: batches, steps, validation, and the weights that did best."""

import copy
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.sums import sum_of_squares
from rosenblatt.layers import Module
from rosenblatt.ranges import FROM_ZERO, Real
from rosenblatt.tape import Arena, Parameter, Tape
from rosenblatt.train.answers import is_ours
from rosenblatt.train.averaging import averaged, follow, renew_statistics
from rosenblatt.train.batches import Batch, Batches, Source
from rosenblatt.train.counted import counted
from rosenblatt.train.mixup import mixed_loss
from rosenblatt.train.plan import Callback, Metric, Plan, State
from rosenblatt.train.progress import Progress
from rosenblatt.train.replay import Passes

Validation = Callable[[], tuple[np.ndarray, np.ndarray]]
FINITE = Real(-1e300, 1e300)
LARGE = 20.0  # inputs beyond it are not of order one


def fit(
    module: Module,
    source: Source,
    plan: Plan,
    validation: Validation | None = None,
    arena: Arena | None = None,
) -> State:
    """Train a module that is built, whatever its inputs, on a source; return the final state.

    It goes on until the epochs are done, patience is out or a callback stops it. validation()
    gives (outputs, targets) of what is held out, after each epoch; with it the weights of the best
    epoch are restored at the end: that of the highest metric, ties to the lower loss. The plan's
    batch_size counts for the source `Batches` alone. Equal seeds give equal bits, whatever the
    threads. Raises UserError where there is nothing to learn from, the plan does not fit the
    source, or the loss or a weight is no longer a number.
    """
    if source.steps < 1:
        raise UserError("there is no batch to learn from.")
    if not isinstance(source, Batches) and (plan.augment or plan.mixup):
        raise UserError("augment and mixup change batches of arrays; other sources make their own.")
    if plan.patience is not None and validation is None:
        raise UserError("patience needs validation data; give some.")
    state = State(
        optimiser=copy.deepcopy(plan.optimiser),
        rng=np.random.default_rng(plan.seed),
        total_steps=plan.epochs * source.steps,
        total_epochs=plan.epochs,
        arena=arena or Arena(),
    )
    _tell(plan, "on_start", module, state)
    try:
        with counted(sorted(_kinds(module)), type(plan.optimiser).__name__):
            passes = Passes(module, may_replay(plan, source))
            while state.epoch < plan.epochs and not state.stop:
                _train_epoch(passes, source, plan, state)
                with averaged(module, state):
                    _close_epoch(module, plan, state, validation)
                _tell(plan, "on_epoch", module, state)
    finally:
        _tell(plan, "on_end", module, state)
    if state.best_weights is not None:
        module.load_state(state.best_weights)
    elif state.average is not None:
        module.load_state(state.average)
        # Once more in random order, so that each batch has all classes in it.
        once_more = (batch.inputs for batch in source.epoch(state))
        renew_statistics(module, once_more, arena=state.arena, step=state.step, seed=plan.seed)
    return state


def _kinds(module: Module) -> set[str]:
    """Return the names of the types of a module and of all below."""
    below = (child for _, child in module.children() if isinstance(child, Module))
    return {type(module).__name__}.union(*map(_kinds, below))


def _tell(plan: Plan, event: str, module: Module, state: State) -> None:
    for callback in plan.callbacks:
        getattr(callback, event)(module, state)


def may_replay(plan: Plan, source: Source) -> bool:
    """Return whether no code of the user's runs at a step, which might keep or change anything."""
    told = {getattr(callback.on_step, "__func__", None) for callback in plan.callbacks}
    run = plan.optimiser, plan.schedule, plan.loss, plan.metric, plan.augment, plan.mixup
    return (
        type(source) is Batches
        and told <= {Callback.on_step, Progress.on_step}
        and all(part is None or is_ours(part) for part in run)
    )


def _train_epoch(passes: Passes, source: Source, plan: Plan, state: State) -> None:
    passes.begin_epoch()
    module, start = passes.module, time.perf_counter()
    state.loss = state.metric = 0.0
    state.samples = 0
    for batch in source.epoch(state):
        state.step_loss, metric = train_step(passes, batch, plan, state)
        state.samples += len(batch.targets)
        share = len(batch.targets) / state.samples
        state.loss += share * (state.step_loss - state.loss)
        state.metric += share * (metric - state.metric)
        state.seconds = time.perf_counter() - start
        _tell(plan, "on_step", module, state)
        if state.stop:
            break
    if not all(np.isfinite(value).all() for value in module.state().values()):
        raise _diverged("a weight is no longer a number", batch, state)
    state.epoch += 1


def train_step(passes: Passes, batch: Batch, plan: Plan, state: State) -> tuple[float, float]:
    """Take one step on a batch.

    Returns the loss and the metric before the step. Raises UserError where the loss is no number.
    """
    rate = plan.schedule(state.step / state.total_steps)
    if not FROM_ZERO.holds(rate):
        raise UserError(f"the schedule gave a rate of {rate!r}; it must be {FROM_ZERO}.")
    state.rate = state.factor * rate
    with Tape(train=True, arena=state.arena, step=state.step, seed=plan.seed) as tape:
        output, backward = passes.forward(tape, batch.inputs)
        loss, d_output = mixed_loss(plan.loss, output, batch)
        if not math.isfinite(loss):
            raise _diverged(f"the loss became {loss}", batch, state)
        metric = _measured(plan.metric, output, batch.targets) if plan.metric else 0.0
        backward(d_output)
        scale = clip_scale(passes.parameters, plan.clip_norm) if plan.clip_norm else 1.0
        passes.step(state.optimiser, state.rate, scale)
    state.step += 1
    if plan.average is not None:
        follow(passes.module, state, plan.average)
    return loss, metric


def _measured(metric: Metric, outputs: np.ndarray, targets: np.ndarray) -> float:
    """Return a metric. Raises UserError where it is no number: of nan none is the best."""
    value = metric(outputs, targets)
    if not FINITE.holds(value):
        raise UserError(f"the metric gave {str(value)[:60]}; it must be {FINITE}.")
    return value


def _diverged(what: str, batch: Batch, state: State) -> UserError:
    """Return the error that names the likely cause: inputs or targets far from one, or the rate."""
    cure = f"lower the learning rate (now {state.rate:g}), or clip the gradients (clip_norm=1)"
    numbers = [("inputs", array) for array in batch.inputs] + [("targets", batch.targets)]
    for name, array in numbers:
        if getattr(array, "dtype", np.dtype(int)).kind != "f":
            continue
        largest = float(np.abs(array).max())
        if not math.isfinite(largest):
            cure = f"the {name} are no longer finite: look at what augment and mixup return"
        elif largest > LARGE:
            cure = (
                f"the {name} reach {largest:.3g}: bring them to numbers of order one, such as "
                f"(x - x.mean(0)) / x.std(), then {cure}"
            )
    return UserError(f"{what} in epoch {state.epoch + 1}, step {state.step + 1}; {cure}.")


def clip_scale(parameters: dict[str, Parameter], norm: float) -> float:
    """Return the factor that brings the norm of all gradients together down to `norm`."""
    square = math.fsum(
        sum_of_squares(p.gradient.reshape(-1))
        for p in parameters.values()
        if p.gradient is not None
    )
    return norm / math.sqrt(square) if square > norm * norm else 1.0


def _close_epoch(module: Module, plan: Plan, state: State, validation: Validation | None) -> None:
    """Validate, keep the weights where they are the best so far, and write the history's row."""
    row: dict[str, Any] = {"epoch": state.epoch, "step": state.step, "loss": state.loss}
    if plan.metric:
        row["metric"] = state.metric
    if validation is not None:
        outputs, targets = validation()
        loss = plan.loss(outputs, targets)[0]
        metric = _measured(plan.metric, outputs, targets) if plan.metric else -loss
        row["validation_loss"] = loss
        if plan.metric:
            row["validation_metric"] = metric
        if state.best_score is None or (metric, -loss) > state.best_score:
            state.best_score, state.best_epoch = (metric, -loss), state.epoch
            state.best_weights = {name: v.copy() for name, v in module.state().items()}
        elif plan.patience is not None and state.epoch - state.best_epoch >= plan.patience:
            state.stop = True
    speed = state.samples / max(state.seconds, 1e-9)
    row |= {"rate": state.rate, "seconds": state.seconds, "samples_per_second": speed}
    state.history.append(row)
