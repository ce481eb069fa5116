"""Losses side by side: perceptron, hinge, logistic and zero-one, and the boundary each one gives.

All are functions of y f(x), which is negative where a sample is taken wrongly. The same points, two
clouds with a few strays far on the wrong side, are given to the machine that follows each loss
down; for zero-one all lines are tried.
"""

from typing import Any

import numpy as np

from rosenblatt.classic import LinearSVM, LogisticRegression, Perceptron
from rosenblatt.gallery.runner import Settings, in_words
from rosenblatt.report.style import BLUE, GREEN, ORANGE, PURPLE, figure

LOSSES = {
    "zero-one": lambda m: (m <= 0).astype(np.float64),
    "perceptron": lambda m: np.maximum(0, -m),
    "hinge": lambda m: np.maximum(0, 1 - m),
    "logistic": lambda m: np.logaddexp(0, -m) / np.log(2),
}
STYLES = {"zero-one": ("black", "-"), "perceptron": (ORANGE, "--"), "hinge": (BLUE, "-."),
          "logistic": (GREEN, "-")}  # fmt: skip
Line = tuple[np.ndarray, float]  # f(x) = w x + b


def clouds(samples: int, strays: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points [N, 2] of two clouds and their signs; the last `strays` are far off."""
    y = np.where(np.arange(samples) % 2 == 0, 1.0, -1.0)
    normal = rng.random((samples, 12, 2)).sum(1) - 6
    x = normal * [0.9, 0.6] + np.outer(y, [1.1, 0.5])
    x[-strays:] = [[-3.5, 0.4]] + 0.3 * normal[-strays:]
    y[-strays:] = 1
    return x.astype(np.float32), y


def fewest_errors(x: np.ndarray, y: np.ndarray) -> Line:
    """Return the line of the fewest errors: among equals, the one farthest from the points.

    It can be shifted and turned, without an error more, until it nearly touches two points; so
    lines along each pair of points, turned a little both ways, are all directions to be tried.
    """
    first, second = np.triu_indices(len(x), 1)
    along = (x[first] - x[second]).astype(np.float64)
    across = np.stack([along[:, 1], -along[:, 0]], 1)
    turned = np.concatenate([across + 1e-6 * along, across - 1e-6 * along])
    w = np.concatenate([turned, -turned])
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    places = w @ x.T
    order = places.argsort(1)
    places = np.take_along_axis(places, order, 1)
    positive = y[order] > 0
    below = positive.cumsum(1)[:, :-1]  # positive points below each gap, then negative ones above
    above = (~positive)[:, ::-1].cumsum(1)[:, ::-1][:, 1:]
    errors, gaps = below + above, np.diff(places, axis=1)
    row, gap = np.unravel_index(np.lexsort([-gaps.ravel(), errors.ravel()])[0], gaps.shape)
    return w[row], float(-0.5 * (places[row, gap] + places[row, gap + 1]))


def boundaries(x: np.ndarray, y: np.ndarray) -> dict[str, Line]:
    """Return the line that each loss gives, by the machine that learns by it."""
    machines: dict[str, Any] = {
        "perceptron": Perceptron(epochs=200),
        "hinge": LinearSVM(cost=1.0, loss="hinge", epochs=5000),
        "logistic": LogisticRegression(),
    }
    lines = {"zero-one": fewest_errors(x, y)}
    for name, machine in machines.items():
        machine.fit(x, y)
        lines[name] = machine.coef_[0].astype(np.float64), float(machine.intercept_[0])
    return lines


def run(settings: Settings) -> dict[str, Any]:
    samples = 40 if settings.quick else 120
    x, y = clouds(samples, samples // 20, np.random.default_rng(5))
    lines = boundaries(x, y)
    table = {}
    for name, (w, b) in lines.items():
        margins = y * (x @ w + b)
        table[name] = {other: round(float(loss(margins).mean()), 4)
                       for other, loss in LOSSES.items()}  # fmt: skip
        settings.say(f"{name}: {in_words(table[name])}")
    draw(x, y, lines, settings)
    return {"samples": samples, "mean_losses_by_boundary": table}


def draw(x: np.ndarray, y: np.ndarray, lines: dict[str, Line], settings: Settings) -> None:
    """Draw the losses, and the points with the boundaries."""
    margins = np.linspace(-3, 3, 601)
    with figure(settings.picture, 16, 8) as drawing:
        left, right = drawing.subplots(1, 2, width_ratios=(2, 3))
        for name, loss in LOSSES.items():
            color, style = STYLES[name]
            left.plot(margins, loss(margins), style, color=color, label=name)
        left.set(xlabel="y f(x)", ylabel="loss", title="what each loss makes of a margin",
                 ylim=(-0.1, 4.2))  # fmt: skip
        left.legend()
        for sign, marker, color in ((1, "o", PURPLE), (-1, "s", "0.55")):
            right.plot(*x[y == sign].T, marker, color=color, ms=3.5, mew=0)
        low, high = x.min(0) - 0.3, x.max(0) + 0.3
        across = np.array([low[0], high[0]])
        for name, (w, b) in lines.items():
            color, style = STYLES[name]
            errors = int((y * (x @ w + b) <= 0).sum())
            if abs(w[1]) > 1e-9:
                right.plot(across, -(w[0] * across + b) / w[1], style, color=color,
                           label=f"{name}, {errors} wrong")  # fmt: skip
        right.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]),
                  title="the boundary that each gives")  # fmt: skip
        right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2)
