"""Long-term dependencies: where Elman's network forgets, and gated cells do not.

Two tasks of Hochreiter & Schmidhuber (1997, sections 5.4 and 5.1, in today's form) over a lag T:
*adding*, the sum of the two marked among T numbers (guessing has a mean squared error of 1/6);
*copy*, to name again, in order, two symbols seen at the start, of eight, after T blanks. And why:
the gradient of the last step's output with respect to each input, before any training.

The gates' biases start such that a cell forgets over times spread up to the lag (Tallec & Ollivier
2018, section 2). Attempts are kept in OUT: a run that was stopped goes on with the next.
"""

import time
from functools import partial
from typing import Any

import numpy as np

from rosenblatt.gallery.runner import Settings, in_words, kept
from rosenblatt.layers import GRU, LSTM, Dense, Elman, Module, Sequential
from rosenblatt.layers.recurrent import Recurrent
from rosenblatt.report.style import BLUE, GREEN, ORANGE, figure
from rosenblatt.tape import Tape, Variable
from rosenblatt.train import Adam, Callback, Constant, Plan, State, mean_squared_error
from rosenblatt.train.batches import Batch, Drawn
from rosenblatt.train.fit import fit
from rosenblatt.train.fit_results import Result
from rosenblatt.train.losses import padded_cross_entropy

CELLS: dict[str, tuple[type[Recurrent], str, str]] = {
    "Elman": (Elman, ORANGE, "o"),
    "LSTM": (LSTM, BLUE, "s"),
    "GRU": (GRU, GREEN, "^"),
}
SYMBOLS, SHOWN = 8, 2
BATCH, UNITS = 32, 64
RATES = {"Elman": 0.001, "LSTM": 0.01, "GRU": 0.01}
SEEDED = 200  # the lag of the copy task that several seeds are tried at
CHECKED = 50  # steps between two looks at whether the task is solved
SOLVED = {"adding": 0.01, "copy": 0.99}  # mean squared error below, accuracy above

Sequences = tuple[np.ndarray, np.ndarray]


def adding(lag: int, size: int, rng: np.random.Generator) -> Sequences:
    """Return sequences [N, lag, 2] of numbers and marks, and the sums [N, 1] of the marked two."""
    x = np.zeros((size, lag, 2), np.float32)
    x[:, :, 0] = rng.random((size, lag))
    n = np.arange(size)
    for low, high in ((0, lag // 2), (lag // 2, lag)):  # one in each half
        x[n, rng.integers(low, high, size), 1] = 1
    return x, (x[:, :, 0] * x[:, :, 1]).sum(axis=1, keepdims=True)


def copy(lag: int, size: int, rng: np.random.Generator) -> Sequences:
    """Return one-hot sequences [N, T, SYMBOLS + 2] and the symbols to name, -1 elsewhere [N, T]."""
    shown = rng.integers(0, SYMBOLS, (size, SHOWN))
    steps = 2 * SHOWN + lag
    symbols = np.full((size, steps), SYMBOLS)  # a blank
    symbols[:, :SHOWN] = shown
    symbols[:, SHOWN + lag] = SYMBOLS + 1  # now name them
    targets = np.full((size, steps), -1)
    targets[:, -SHOWN:] = shown
    return np.eye(SYMBOLS + 2, dtype=np.float32)[symbols], targets


def network(task: str, cell: str, lag: int, seed: int) -> Module:
    """Return a network for a task, its gates' biases as the lag suggests."""
    rng = np.random.default_rng(seed)
    many = task == "copy"
    recurrent = CELLS[cell][0](UNITS, "sequence" if many else "last")
    module = Sequential([recurrent, Dense(SYMBOLS if many else 1, initialiser="glorot_uniform")])
    module.build((lag, SYMBOLS + 2 if many else 2), rng)
    times = np.log(1 + rng.random(UNITS) * (lag - 1))
    bias = recurrent.bias.value
    if cell == "LSTM":
        bias[:UNITS], bias[UNITS : 2 * UNITS] = -times, times
    elif cell == "GRU":
        bias[UNITS : 2 * UNITS] = times
    return module


def score(task: str, module: Module, lag: int) -> float:
    """Return accuracy (copy) or mean squared error (adding) on 200 new sequences."""
    rng = np.random.default_rng(10**6)
    x, targets = (copy if task == "copy" else adding)(lag, 200, rng)
    output = module(x)
    if task == "adding":
        return float(np.mean((output - targets) ** 2))
    asked = targets >= 0
    return float(np.mean(output.argmax(-1)[asked] == targets[asked]))


def solved(task: str, value: float) -> bool:
    return value > SOLVED[task] if task == "copy" else value < SOLVED[task]


class Solved(Callback):
    """Scores the network after each epoch, and ends the training when the task is solved."""

    def __init__(self, task: str, lag: int) -> None:
        self.task, self.lag = task, lag

    def on_epoch(self, module: Module, state: State) -> None:
        self.score = score(self.task, module, self.lag)
        state.stop = solved(self.task, self.score)


def learn(task: str, cell: str, lag: int, seed: int, steps: int) -> tuple[float, int]:
    """Train until the task is solved or the steps are over; return score and steps taken."""
    module, ends = network(task, cell, lag, seed), Solved(task, lag)

    def batch(rng: np.random.Generator) -> Batch:
        x, targets = (copy if task == "copy" else adding)(lag, BATCH, rng)
        return Batch((x,), targets)

    plan = Plan(
        steps // CHECKED, optimiser=Adam(), schedule=Constant(RATES[cell]), clip_norm=1.0,
        loss=padded_cross_entropy if task == "copy" else mean_squared_error, metric=None,
        seed=seed + 1, callbacks=(ends,),
    )  # fmt: skip
    taken = fit(module, Drawn(CHECKED, batch), plan).step
    return ends.score, taken


def attempt(task: str, cell: str, lag: int, seed: int, steps: int) -> Result:
    """Return what learn gives, and the time that it took, as facts."""
    start, start_cpu = time.perf_counter(), time.process_time()
    value, taken = learn(task, cell, lag, seed, steps)
    spent = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - start_cpu}
    return Result({}, {"score": value, "steps": taken, **spent})


def gradient_norms(cell: str, lag: int, scale: float = 1.0) -> np.ndarray:
    """Return the norm of d output / d x_t for each distance from the end, before training.

    scale multiplies the weights from one step to the next, whose largest eigenvalue is near 1.
    """
    module = network("adding", cell, lag, 0)
    module.state()["0.recurrent"][...] *= np.float32(scale)
    x = Variable(adding(lag, 64, np.random.default_rng(2))[0], True)
    with Tape() as tape:
        output = module(x)
        tape.backward(output, np.ones_like(output.value))
        assert x.gradient is not None
        return np.sqrt((x.gradient**2).sum(axis=2)).mean(axis=0)[::-1].astype(np.float64)


def run(settings: Settings) -> dict[str, Any]:
    lags = (4, 8) if settings.quick else (10, 50, 100, SEEDED, 400)
    steps, seeds = (100, 1) if settings.quick else (4000, 5)
    results: dict[str, dict[str, dict[int, list[float]]]] = {}
    taken: dict[str, dict[str, dict[int, list[int]]]] = {}
    spent = {"seconds": 0.0, "cpu_seconds": 0.0}
    for task in ("copy", "adding"):
        results[task] = {cell: {} for cell in CELLS}
        taken[task] = {cell: {} for cell in CELLS}
        for lag in lags:
            count = seeds if task == "copy" and lag == SEEDED else 1
            for cell in CELLS:
                tries = [(task, cell, lag, seed, steps) for seed in range(count)]
                runs = [kept(settings, one, partial(attempt, *one)).facts for one in tries]
                results[task][cell][lag] = [round(run["score"], 4) for run in runs]
                taken[task][cell][lag] = [run["steps"] for run in runs]
                spent = {name: spent[name] + sum(run[name] for run in runs) for name in spent}
                scores = ", ".join(f"{run['score']:.4f} after {run['steps']} steps" for run in runs)
                settings.say(f"{task}, lag {lag}, {cell}: {in_words(scores)}")
    norms = {
        "Elman, U x 0.7": gradient_norms("Elman", 100, 0.7),
        "Elman, U x 1.5": gradient_norms("Elman", 100, 1.5),
        "LSTM": gradient_norms("LSTM", 100),
        "GRU": gradient_norms("GRU", 100),
    }
    draw(results, norms, settings)
    fading = {cell: float(f"{norm[-1] / norm[0]:.3g}") for cell, norm in norms.items()}
    several = {c: found[SEEDED] for c, found in results["copy"].items() if SEEDED in found}
    return {
        "most_steps": steps, "scores": results, "steps": taken, "seeds": seeds,
        f"solved_at_{SEEDED}": {c: sum(solved("copy", v) for v in s) for c, s in several.items()},
        "gradient_100_back": fading,
        "training": {name: round(value, 1) for name, value in spent.items()},
    }  # fmt: skip


def draw(results: dict, norms: dict[str, np.ndarray], settings: Settings) -> None:
    """Draw both tasks' scores by lag, and the gradients by distance."""
    labels = {"adding": "mean squared error", "copy": "share of symbols right"}
    guess = {"adding": 1 / 6, "copy": 1 / SYMBOLS}
    with figure(settings.picture, 17, 6) as drawing:
        *tasks, last = drawing.subplots(1, 3)
        for axes, task in zip(tasks, ("adding", "copy"), strict=True):
            for cell, (_, color, marker) in CELLS.items():
                by_lag = results[task][cell]
                means = [float(np.mean(values)) for values in by_lag.values()]
                axes.plot(list(by_lag), means, color=color, marker=marker, ms=4, label=cell)
            axes.axhline(guess[task], color="0.5", linestyle=":", label="guessing")
            axes.set(title=task, xlabel="lag in steps", ylabel=labels[task], xscale="log")
            axes.set_xticks(list(by_lag), list(map(str, by_lag)))
            axes.minorticks_off()
        tasks[1].set_ylim(0, 1.05)
        tasks[0].legend()
        styles = ("--", ":", "-", "-")
        for (name, norm), style in zip(norms.items(), styles, strict=True):
            _, color, marker = CELLS[name.split(",")[0]]
            last.semilogy(norm, style, color=color, marker=marker, ms=4, markevery=12, label=name)
        last.set(title="gradient, before training", xlabel="steps back from the end",
                 ylabel="norm of d output / d input", ylim=(1e-24, None))  # fmt: skip
        last.legend()
