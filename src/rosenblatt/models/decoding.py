"""Making a sequence from a model that tells the next symbol: greedy, sampled, or by beam search.

A model is a function step(symbols [M], state) -> (logits [M, V], state), its state an array of M
rows; or a tuple of such arrays, of which the search takes rows.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.arrays import as_numbers, check_axes
from rosenblatt.errors import UserError
from rosenblatt.kernels.core import elementwise
from rosenblatt.kernels.core.elementary import exp, power
from rosenblatt.ranges import FROM_ZERO, GENERATOR, NONE, Either, Function, Whole, check_value

Step = Callable[[np.ndarray, Any], tuple[np.ndarray, Any]]


STEP = Function("a function step(symbols, state)")
COUNT, SYMBOL = Whole(1, 1_000_000), Whole(0, 2**31)


class Symbols(NamedTuple):
    """The symbols that begin and end a sequence."""

    start: int
    stop: int


def _check(step: Step, symbols: Symbols, longest: int) -> None:
    check_value("step", step, STEP)
    check_value("longest", longest, COUNT)
    for name in ("start", "stop"):
        check_value(f"symbols.{name}", getattr(symbols, name, None), SYMBOL)


def _stepped(step: Step, last: np.ndarray, state: Any, stop: int) -> tuple[np.ndarray, Any]:
    """Return step(last, state). Raises UserError unless its logits are numbers [M, V], V > stop."""
    given = step(last, state)
    if not isinstance(given, tuple) or len(given) != 2:
        raise UserError(f"the step gave a {type(given).__name__}; it must give (logits, state).")
    logits, state = as_numbers(given[0], "logits"), given[1]
    check_axes(logits, "M V", "logits")
    if len(logits) != len(last):
        raise UserError(f"the step gave {len(logits)} rows of logits for {len(last)} symbols.")
    if logits.shape[1] <= stop:
        raise UserError(
            f"the step gave logits of {logits.shape[1]} symbols, and STOP, symbol {stop}, is none "
            "of them; give the vocabulary's own number of it."
        )
    _check_possible(logits)
    return logits, state


def _check_possible(logits: np.ndarray) -> None:
    """Raise UserError unless each row has a symbol to choose; -inf is one that cannot be."""
    if not np.isfinite(logits.max(axis=-1)).all():
        raise UserError("some logits are no numbers, or no symbol is possible; look at the model.")


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithm of the softmax of each row, in float64.

    Raises UserError where a logit is no number, or a row is empty or -inf throughout.
    """
    logits = as_numbers(logits, "logits")
    if logits.size == 0:
        raise UserError(f"logits of shape {logits.shape}; give [..., V], no axis empty.")
    _check_possible(logits)
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - elementwise.log(elementwise.exp(shifted).sum(axis=-1, keepdims=True))


def draw(
    logits: np.ndarray, rng: np.random.Generator, temperature: float = 1.0, top_k: int | None = None
) -> int:
    """Draw a symbol from softmax(logits [V] / temperature), among the top_k most probable ones.

    Temperature 0 takes the most probable, the first of equal ones. Only plain sums and our own exp
    are used, so a seed gives the same text on every computer. Raises UserError where a setting is
    out of range, or a logit is no number.
    """
    logits = as_numbers(logits, "logits")
    check_axes(logits, "V", "logits")
    _check_possible(logits)
    check_value("rng", rng, GENERATOR)
    check_value("temperature", temperature, FROM_ZERO)
    check_value("top_k", top_k, Either(COUNT, NONE))
    if logits.dtype.kind != "f":
        logits = logits.astype(np.float64)  # of whole numbers without a sign, -1 is a large one
    order = np.argsort(-logits, kind="stable")
    if temperature == 0:
        return int(order[0])
    order = order[: top_k or len(order)]
    weights = [float(exp(np.float64(logits[s] - logits[order[0]]) / temperature)) for s in order]
    remaining = rng.random() * math.fsum(weights)
    for symbol, weight in zip(order, weights, strict=True):
        remaining -= weight
        if remaining < 0:
            return int(symbol)
    return int(order[-1])


def rows(state: Any, index: np.ndarray) -> Any:
    """Return the chosen rows of a state. Raises UserError where it has no such rows."""
    if isinstance(state, tuple):
        return tuple(rows(part, index) for part in state)
    if state is None:
        return None
    if not isinstance(state, np.ndarray) or state.ndim < 1 or len(state) <= index.max(initial=-1):
        raise UserError(
            f"the step gave a state of {type(state).__name__} {np.shape(state)}; it must be an "
            "array of a row for each symbol, or a tuple of such arrays."
        )
    return np.ascontiguousarray(state[index])


def greedy(step: Step, state: Any, count: int, symbols: Symbols, longest: int) -> list[list[int]]:
    """Return `count` sequences of the most probable symbols, each up to its STOP.

    Raises UserError where a setting is out of range, or the step does not give logits.
    """
    check_value("count", count, COUNT)
    _check(step, symbols, longest)
    last = np.full(count, symbols.start)
    chosen = np.empty((count, longest), np.int64)
    running = np.ones(count, np.bool_)
    for t in range(longest):
        logits, state = _stepped(step, last, state, symbols.stop)
        last = np.where(running, logits.argmax(axis=1), symbols.stop)
        chosen[:, t] = last
        running &= last != symbols.stop
        if not running.any():
            chosen[:, t + 1 :] = symbols.stop
            break
    return [_until(row, symbols.stop) for row in chosen.tolist()]


def _until(row: list[int], stop: int) -> list[int]:
    return row[: row.index(stop)] if stop in row else row


def beam_search(
    step: Step, state: Any, symbols: Symbols, longest: int, width: int, normalisation: float = 1.0
) -> list[int]:
    """Return the best sequence found for one start state, a state of one row.

    The `width` most probable beginnings are kept at each step (Graves 2012; Sutskever et al. 2014,
    section 3.2). Finished ones stay with their score; at the end the best has the largest
    log-probability / length^normalisation, STOP counted (Wu et al. 2016, equation 14).
    Raises UserError where a setting is out of range, or the step does not give logits.
    """
    check_value("width", width, COUNT)
    check_value("normalisation", normalisation, FROM_ZERO)
    _check(step, symbols, longest)
    paths, scores = np.empty((1, 0), np.int64), np.zeros(1)
    finished: list[tuple[float, list[int]]] = []
    last = np.array([symbols.start])
    for t in range(longest):
        logits, state = _stepped(step, last, state, symbols.stop)
        totals = scores[:, None] + log_softmax(logits)
        best = np.argsort(-totals, axis=None, kind="stable")[:width]
        parents, last = np.divmod(best, totals.shape[1])
        scores = totals.reshape(-1)[best]
        paths = np.concatenate([paths[parents], last[:, None]], axis=1)
        over = (last == symbols.stop) | (t + 1 == longest)
        for path, score in zip(paths[over].tolist(), scores[over], strict=True):
            finished.append((score / power(t + 1, normalisation), path))
        running = ~over
        paths, scores, last = paths[running], scores[running], last[running]
        state = rows(state, parents[running])
        # No running path can rise above its score spread over the greatest length.
        if not len(paths) or (
            finished and max(finished)[0] >= scores.max() / power(longest, normalisation)
        ):
            break
    return _until(max(finished)[1], symbols.stop)
