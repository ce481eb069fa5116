"""Activation functions and their gradients, drawn; maxout of three given lines among them.

What a deep network is left with of a gradient is the product of a slope at each layer: the largest
slope of the sigmoid is 1/4, and both it and tanh are flat where their input is large.
"""

from typing import Any

import numpy as np

from rosenblatt.gallery.runner import Settings
from rosenblatt.layers import Layer, LeakyReLU, Maxout, ReLU, Sigmoid, Tanh
from rosenblatt.report.style import BLUE, ORANGE, figure
from rosenblatt.tape import Tape, Variable

LINES = ((-0.6, -1.0), (0.2, 0.3), (1.2, -1.5))  # slope and height of maxout's pieces

FUNCTIONS: dict[str, Layer] = {
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "rectifier": ReLU(),
    "leaky rectifier": LeakyReLU(0.1),
    "maxout of 3 lines": Maxout(len(LINES)),
}


def slopes(layer: Layer, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of a function at x [N, 1] and its slopes there, both [N]."""
    pieces = np.ones_like(x)
    if isinstance(layer, Maxout):
        pieces = np.array([slope for slope, _ in LINES])
        x = x * pieces + np.array([height for _, height in LINES])
    given = Variable(x, needs_gradient=True)
    with Tape(train=False) as tape:
        output = layer(given)
        tape.backward(output, np.ones_like(output.value))
        assert given.gradient is not None
        return output.value[:, 0].copy(), (given.gradient * pieces).sum(1)


def run(settings: Settings) -> dict[str, Any]:
    x = np.linspace(-5, 5, 501)[:, None]
    figures: dict[str, Any] = {}
    with figure(settings.picture, 17, 5) as drawing:
        panels = drawing.subplots(1, len(FUNCTIONS), sharex=True)
        for axes, (name, layer) in zip(panels, FUNCTIONS.items(), strict=True):
            values, gradient = slopes(layer, x)
            axes.axhline(0, color="0.8", linewidth=0.6)
            axes.plot(x[:, 0], values, color=BLUE, label="f(x)")
            axes.plot(x[:, 0], gradient, "--", color=ORANGE, label="f'(x)")
            axes.set(title=name, xlabel="x", ylim=(-1.6, 3.1))
            figures[name] = {
                "largest_slope": round(float(np.abs(gradient).max()), 4),
                "slope_at_5": round(float(gradient[-1]), 4),
                "left_after_10_layers": float(f"{float(np.abs(gradient).max()) ** 10:.3g}"),
            }
        panels[0].legend(loc="upper left")
    return {"functions": figures}
