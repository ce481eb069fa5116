"""Making a sequence from a model that tells the next symbol: greedy, sampled, or by beam search.

A model is a function step(symbols [M], state) -> (logits [M, V], state), its state an array of M
rows; or a tuple of such arrays, of which the search takes rows.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.kernels import elementwise
from rosenblatt.kernels.elementary import exp, power

Step = Callable[[np.ndarray, Any], tuple[np.ndarray, Any]]


class Symbols(NamedTuple):
    """The symbols that begin and end a sequence."""

    start: int
    stop: int


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithm of the softmax of each row, in float64."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - elementwise.log(elementwise.exp(shifted).sum(axis=-1, keepdims=True))


def draw(
    logits: np.ndarray, rng: np.random.Generator, temperature: float = 1.0, top_k: int | None = None
) -> int:
    """Draw a symbol from softmax(logits [V] / temperature), among the top_k most probable ones.

    Temperature 0 takes the most probable, the first of equal ones. Only plain sums and our own exp
    are used, so a seed gives the same text on every machine.
    """
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
    """Return the chosen rows of a state."""
    if isinstance(state, tuple):
        return tuple(rows(part, index) for part in state)
    return None if state is None else np.ascontiguousarray(state[index])


def greedy(step: Step, state: Any, count: int, symbols: Symbols, longest: int) -> list[list[int]]:
    """Return `count` sequences of the most probable symbols, each up to its STOP."""
    last = np.full(count, symbols.start)
    chosen = np.empty((count, longest), np.int64)
    running = np.ones(count, np.bool_)
    for t in range(longest):
        logits, state = step(last, state)
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
    """
    paths, scores = np.empty((1, 0), np.int64), np.zeros(1)
    finished: list[tuple[float, list[int]]] = []
    last = np.array([symbols.start])
    for t in range(longest):
        logits, state = step(last, state)
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
