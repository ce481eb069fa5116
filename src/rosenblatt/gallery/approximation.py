"""A two-layer network comes as near to a continuous function as its units are many.

Not so with linear units, which make a line, nor with units of a polynomial, which make polynomials
of that degree however many they are: a two-layer network approximates every continuous function if
and only if its activation is no polynomial (Leshno et al. 1993, theorem 1). The hidden units learn
by gradient; the output's weights are then the best ones for them, by least squares.
"""

from typing import Any

import numpy as np

from rosenblatt.gallery.runner import Settings, in_words
from rosenblatt.layers import Dense, Layer, ReLU, Sequential, Tanh
from rosenblatt.report.style import BLUE, GREEN, GREY, ORANGE, PURPLE, figure
from rosenblatt.train import Adam, Cosine, Plan, mean_squared_error
from rosenblatt.train.batches import Batch, Drawn
from rosenblatt.train.fit import fit

POINTS = 256


class Power(Layer):
    """y = x^degree: a polynomial unit, linear for degree 1."""

    examples = (({"degree": 2}, (3,)),)

    def __init__(self, degree: int) -> None:
        self.degree = degree

    def forward(self, x, *, train):
        return x**self.degree, x

    def backward(self, d_output, cache, needs):
        """dx = degree x^(degree - 1) dy."""
        return (d_output * (self.degree * cache ** (self.degree - 1)).astype(cache.dtype),)


UNITS: dict[str, tuple[Layer, str, str]] = {
    "tanh": (Tanh(), BLUE, "o"),
    "rectified": (ReLU(), GREEN, "s"),
    "linear": (Power(1), ORANGE, "^"),
    "square": (Power(2), PURPLE, "v"),
    "cube": (Power(3), GREY, "D"),
}


def target(x: np.ndarray) -> np.ndarray:
    """Return the function to approximate: a wave and a corner."""
    return np.sin(2 * np.pi * x) / 2 + np.abs(x - 0.3)


def grid() -> np.ndarray:
    """Return the points of [-1, 1], [POINTS, 1] float32."""
    return np.linspace(-1, 1, POINTS, dtype=np.float32)[:, None]


def polynomial_error(degree: int) -> float:
    """Return the least root mean squared error of a polynomial of that degree."""
    x = grid().astype(np.float64)[:, 0]
    basis = np.vander(x, degree + 1)
    best, *_ = np.linalg.lstsq(basis, target(x), rcond=None)
    return float(np.sqrt(np.mean((basis @ best - target(x)) ** 2)))


def approximate(kind: str, count: int, steps: int) -> np.ndarray:
    """Return the values on the grid of a trained network of so many hidden units, [POINTS]."""
    rng = np.random.default_rng(0)
    hidden = Dense(count)
    module = Sequential([hidden, UNITS[kind][0], Dense(1, initialiser="glorot_uniform")])
    module.build((1,), rng)
    places = 2 * rng.random(count) - 1  # where a unit's input is 0, over the interval
    hidden.weight.value[0] = (2 * rng.random(count) - 1) * 4
    hidden.bias.value[...] = -places * hidden.weight.value[0]
    x = grid()
    y = target(x.astype(np.float64)).astype(np.float32)
    plan = Plan(
        1, optimiser=Adam(), schedule=Cosine(0.02), clip_norm=1.0, loss=mean_squared_error,
        metric=None,
    )  # fmt: skip
    fit(module, Drawn(steps, lambda _: Batch((x,), y)), plan)
    module.cast(np.float64)  # else least squares make something of the rounding errors
    units = np.ones((POINTS, count + 1))
    units[:, :count] = Sequential(module.layers[:2])(x.astype(np.float64))
    best, *_ = np.linalg.lstsq(units, target(x.astype(np.float64))[:, 0], rcond=1e-10)
    return units @ best


def error(values: np.ndarray) -> float:
    """Return the root mean squared error of values on the grid."""
    return float(np.sqrt(np.mean((values - target(grid().astype(np.float64)[:, 0])) ** 2)))


def run(settings: Settings) -> dict[str, Any]:
    counts, steps = ((1, 4, 16), 50) if settings.quick else ((1, 2, 4, 8, 16, 32, 64), 2000)
    values = {kind: [approximate(kind, n, steps) for n in counts] for kind in UNITS}
    errors = {kind: [round(error(v), 5) for v in found] for kind, found in values.items()}
    for kind, found in errors.items():
        settings.say(f"{kind}: {in_words(found)}")
    floors = {f"degree {d}": round(polynomial_error(d), 5) for d in (1, 2, 3)}
    draw(counts, values, errors, settings)
    return {"units": counts, "errors": errors, "best_polynomials": floors}


def draw(counts: tuple[int, ...], values: dict, errors: dict, settings: Settings) -> None:
    """Draw errors by number of units, and the functions that the largest networks made."""
    x = grid()[:, 0]
    with figure(settings.picture, 16, 7) as drawing:
        left, right = drawing.subplots(1, 2)
        for kind, (_, color, marker) in UNITS.items():
            left.loglog(counts, errors[kind], color=color, marker=marker, ms=4, label=kind)
        left.set_xticks(counts, list(map(str, counts)))
        left.minorticks_off()
        left.set(title="error by hidden units", xlabel="units", ylabel="root mean squared error")
        left.legend()
        right.plot(x, target(x), color="black", linewidth=2.5, label="the function")
        for kind in ("tanh", "linear", "square", "cube"):
            right.plot(x, values[kind][-1], "--", color=UNITS[kind][1], label=kind)
        right.set(title=f"made by {counts[-1]} units", xlabel="x", ylabel="y")
        right.legend()
