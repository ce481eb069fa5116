"""Sequential minimal optimisation: a support vector machine, two coefficients at a time.

    minimise 1/2 b' (K + ridge I) b - y' b   with   low <= b <= high   and   sum b = 0

b is the signed coefficient of each sample, so that f(x) = sum b k(x_i, x) + bias; y is +1 or -1.
`gap` = y - (K + ridge I) b, what each score still lacks. b may rise where it is below `high` and
fall where it is above `low`; at the optimum no sample that may rise lacks more than any that may
fall, and the bias lies between. The pair to change is chosen by second-order information (Fan, Chen
& Lin 2005, section 2); samples stuck at a bound are left out of the loops (shrinking, Chang & Lin
2011, section 5.1).

A kernel row that its cache does not hold ends the kernel, which goes on from where it was once the
row is there.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel

OPTIMAL, MISSING, EXHAUSTED = range(3)
TINY = 1e-12
ACTIVE, STEPS, WANTED = range(3)  # the entries of Task.state


class Settings(NamedTuple):
    """tolerance: of the optimality conditions; ridge: on the diagonal; limit: of steps; shrink: how
    many steps apart samples are left out."""

    tolerance: float
    ridge: float
    limit: int
    shrink: int


class Task(NamedTuple):
    """One machine of n samples, all [n] but `state`.

    samples: their numbers in the Gram matrix, int64. signs, low, high, coefficients, gap,
    diagonal (of K + ridge I): float64. active: a permutation of 0 ... n - 1, of which the first
    state[ACTIVE] are in play. state [3] int64: that, the steps taken, the sample whose row is
    wanted.
    """

    samples: np.ndarray
    signs: np.ndarray
    low: np.ndarray
    high: np.ndarray
    coefficients: np.ndarray
    gap: np.ndarray
    diagonal: np.ndarray
    active: np.ndarray
    state: np.ndarray


class Rows(NamedTuple):
    """A cache of kernel rows [S, N]: slots [N], which row holds a sample, -1 for none; stamps [S],
    when each row was last read."""

    rows: np.ndarray
    slots: np.ndarray
    stamps: np.ndarray


@kernel
def _extremes(task):
    """Return the sample that lacks most of those that may rise, its gap, and the least gap of
    those that may fall."""
    first, most, least = -1, -np.inf, np.inf
    for a in range(task.state[ACTIVE]):
        t = task.active[a]
        gap = task.gap[t]
        if gap > most and task.coefficients[t] < task.high[t]:
            first, most = t, gap
        if gap < least and task.coefficients[t] > task.low[t]:
            least = gap
    return first, most, least


@kernel
def _partner(task, first, row):
    """Return the sample that may fall with which the objective falls most, and the full step."""
    second, best, step = -1, 0.0, 0.0
    for a in range(task.state[ACTIVE]):
        t = task.active[a]
        ahead = task.gap[first] - task.gap[t]
        if ahead > 0 and task.coefficients[t] > task.low[t]:
            curve = task.diagonal[first] + task.diagonal[t] - 2.0 * row[task.samples[t]]
            curve = max(curve, TINY)
            if ahead * ahead > best * curve:
                second, best, step = t, ahead * ahead / curve, ahead / curve
    return second, step


@kernel
def _move(task, first, second, step, up, down, ridge):
    """Raise the first coefficient and lower the second by `step` or as far as they may go; up and
    down: their kernel rows."""
    rise = task.high[first] - task.coefficients[first]
    fall = task.coefficients[second] - task.low[second]
    step = min(step, rise, fall)
    task.coefficients[first] = task.high[first] if step == rise else task.coefficients[first] + step
    task.coefficients[second] = (
        task.low[second] if step == fall else task.coefficients[second] - step
    )
    for a in range(task.state[ACTIVE]):
        t = task.active[a]
        i = task.samples[t]
        task.gap[t] -= step * (np.float64(up[i]) - np.float64(down[i]))
    task.gap[first] -= step * ridge
    task.gap[second] += step * ridge


@kernel
def _shrink(task, most, least):
    """Leave out samples at a bound that cannot take part in any violating pair."""
    kept = 0
    for a in range(task.state[ACTIVE]):
        t = task.active[a]
        stuck_high = task.coefficients[t] >= task.high[t] and task.gap[t] > most
        stuck_low = task.coefficients[t] <= task.low[t] and task.gap[t] < least
        if not (stuck_high or stuck_low):
            task.active[a] = task.active[kept]
            task.active[kept] = t
            kept += 1
    task.state[ACTIVE] = kept


@kernel
def _row(cache, sample, now):
    """Return the slot of a sample's kernel row, or -1; a row that is read is stamped."""
    slot = cache.slots[sample]
    if slot >= 0:
        cache.stamps[slot] = now
    return slot


@kernel
def optimise(cache, task, settings):
    """Go on until no pair of active samples violates the optimum by more than the tolerance.

    Returns OPTIMAL, MISSING (the row of sample state[WANTED]) or EXHAUSTED after `limit` steps.
    """
    rows, state = cache.rows, task.state
    while state[STEPS] < settings.limit:
        first, most, least = _extremes(task)
        if most - least < settings.tolerance:
            return OPTIMAL
        if state[STEPS] % settings.shrink == settings.shrink - 1:
            _shrink(task, most, least)
        up = _row(cache, task.samples[first], state[STEPS])
        if up < 0:
            state[WANTED] = task.samples[first]
            return MISSING
        second, step = _partner(task, first, rows[up])
        down = _row(cache, task.samples[second], state[STEPS])
        if down < 0:
            state[WANTED] = task.samples[second]
            return MISSING
        _move(task, first, second, step, rows[up], rows[down], settings.ridge)
        state[STEPS] += 1
    return EXHAUSTED


@kernel
def restart(task, ridge):
    """Bring all samples back into play, with the gaps that the ridge alone leaves."""
    for t in range(task.samples.size):
        task.gap[t] = task.signs[t] - ridge * task.coefficients[t]
        task.active[t] = t
    task.state[ACTIVE] = task.samples.size


@kernel
def settle(task, number, row):
    """Take the share of sample `number` of the task, with its kernel row, off all gaps."""
    share = task.coefficients[number]
    for t in range(task.samples.size):
        task.gap[t] -= share * np.float64(row[task.samples[t]])


@kernel
def bias(task):
    """Return the mean gap of the samples between their bounds, else the middle of the extremes."""
    total, count = 0.0, 0
    for t in range(task.samples.size):
        if task.low[t] < task.coefficients[t] < task.high[t]:
            total += task.gap[t]
            count += 1
    _, most, least = _extremes(task)
    return total / count if count > 0 else 0.5 * (most + least)


@kernel
def _solve(gram, task, settings):
    """Solve one task on a whole Gram matrix: optimise, put back what was left out, go on."""
    cache = Rows(gram, np.arange(gram.shape[0]), np.zeros(gram.shape[0], np.int64))
    while True:
        status = optimise(cache, task, settings)
        if task.state[ACTIVE] == task.samples.size or status != OPTIMAL:
            return status
        restart(task, settings.ridge)
        for t in range(task.samples.size):
            if task.coefficients[t] != 0:
                settle(task, t, gram[task.samples[t]])


@parallel_kernel
def solve_all(gram, tasks, ends, settings, statuses, biases):
    """Solve many tasks on one Gram matrix, each by itself.

    tasks: a Task whose arrays hold all of them, one after the other up to ends [T], its state
    [T, 3]. Fills statuses and biases [T].
    """
    for number in prange(ends.size):
        begin = ends[number - 1] if number > 0 else 0
        end = ends[number]
        task = Task(
            tasks.samples[begin:end],
            tasks.signs[begin:end],
            tasks.low[begin:end],
            tasks.high[begin:end],
            tasks.coefficients[begin:end],
            tasks.gap[begin:end],
            tasks.diagonal[begin:end],
            tasks.active[begin:end],
            tasks.state[number],
        )
        statuses[number] = _solve(gram, task, settings)
        biases[number] = bias(task)
