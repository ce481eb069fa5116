"""Back-propagation against differences, node by node; L2 and dropout on an over-fitted net.

On a small network the gradient of the loss with respect to each node, by the chain rule, stands
beside what moving that node a little up and down says. Then a network with far more weights than
samples learns noisy samples of a curve by heart, by plain descent, with a penalty on its weights,
and with dropout (Srivastava et al. 2014).
"""

from functools import partial
from typing import Any

import numpy as np

from rosenblatt.gallery.runner import SEED, Settings, in_words
from rosenblatt.layers import Dense, Dropout, Module, Sequential, Tanh
from rosenblatt.layers.gradients import numeric_gradient
from rosenblatt.report.style import BLUE, GREEN, GREY, ORANGE, figure
from rosenblatt.tape import Tape, Variable
from rosenblatt.train import Adam, Constant, Network, Plan, mean_squared_error

TARGET = 1.0  # of the small network's answer
STEPS = 10.0 ** -np.arange(1.0, 13.5, 0.5)  # of a difference
UNITS, NOISE = 100, 0.25
WAYS: dict[str, tuple[float, float, str]] = {  # weight decay, share dropped, color
    "plain": (0.0, 0.0, ORANGE),
    "L2": (0.3, 0.0, BLUE),
    "dropout": (0.0, 0.2, GREEN),
}


class Nodes:
    """A network of 3 inputs, 4 units and 1 output on one input, in float64, cut after each layer.

    values: of the nodes after each layer, the input first; gradients: of (y - target)^2 / 2 with
    respect to them, by the tape; differences: the same, by moving each node.
    """

    def __init__(self) -> None:
        rng = np.random.default_rng(SEED)
        self.network = Sequential([Dense(4), Tanh(), Dense(1)])
        self.network.build((3,), rng)
        self.network.cast(np.float64)
        self.values = [2 * rng.random((1, 3)) - 1]
        for layer in self.network.layers:
            self.values.append(np.array(layer(self.values[-1])))
        self.gradients = [self._gradient(n) for n in range(len(self.values))]
        self.differences = [
            numeric_gradient(partial(self.loss, n), value) for n, value in enumerate(self.values)
        ]

    def loss(self, node: int) -> float:
        """Return the loss by the layers after `node`, from the values there."""
        value: Any = self.values[node]
        for layer in self.network.layers[node:]:
            value = layer(value)
        return float(((value - TARGET) ** 2).sum() / 2)

    def _gradient(self, node: int) -> np.ndarray:
        value = given = Variable(self.values[node], needs_gradient=True)
        if node == len(self.network.layers):
            return given.value - TARGET
        with Tape(train=False) as tape:
            for layer in self.network.layers[node:]:
                value = layer(value)
            tape.backward(value, value.value - TARGET)
        assert given.gradient is not None
        return given.gradient.copy()

    def errors(self) -> np.ndarray:
        """Return how far the difference quotient of one input is off, for each of STEPS."""
        value, right, found = self.values[0], self.gradients[0][0, 0], []
        before = value[0, 0]
        for step in STEPS:
            sides = []
            for sign in (1, -1):
                value[0, 0] = before + sign * step
                sides.append(self.loss(0))
            found.append(abs((sides[0] - sides[1]) / (2 * step) - right))
        value[0, 0] = before
        return np.array(found)


def curve(x: np.ndarray) -> np.ndarray:
    """Return what the samples are drawn around."""
    return np.sin(3 * x)


def samples(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return places [N, 1] in -1..1 and noisy values [N, 1], float32."""
    x = 2 * rng.random((count, 1)) - 1
    y = curve(x) + NOISE * (rng.random((count, 12)).sum(1, keepdims=True) - 6)
    return x.astype(np.float32), y.astype(np.float32)


def learned(way: str, x: np.ndarray, y: np.ndarray, epochs: int) -> Network:
    """Return a network that has learned the samples."""
    decay, share, _ = WAYS[way]
    layers: list[Module] = [Dense(UNITS), Tanh(), Dropout(share), Dense(UNITS), Tanh(),
                            Dropout(share), Dense(1)]  # fmt: skip
    plan = Plan(epochs, batch_size=len(x), optimiser=Adam(weight_decay=decay), metric=None,
                schedule=Constant(0.01), loss=mean_squared_error)  # fmt: skip
    return Network(layers, input_shape=(1,), seed=SEED).fit(x, y, plan)


def run(settings: Settings) -> dict[str, Any]:
    nodes = Nodes()
    gaps = [np.abs(a - b).max() for a, b in zip(nodes.gradients, nodes.differences, strict=True)]
    errors = nodes.errors()
    count, epochs = (1, 50) if settings.quick else (5, 1500)
    off: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    drawn: dict[str, np.ndarray] = {}
    place = np.linspace(-1, 1, 201, dtype=np.float32)[:, None]
    for draw_number in range(count):
        x, y = samples(20, np.random.default_rng(draw_number))
        for name in WAYS:
            network = learned(name, x, y, epochs)
            answer = network.outputs(place)
            train = float(((network.outputs(x) - y) ** 2).mean())
            off[name].append((train, float(((answer - curve(place)) ** 2).mean())))
            if draw_number == 0:
                drawn[name] = answer
    means = {name: np.mean(pairs, axis=0) for name, pairs in off.items()}
    weights = sum(p.value.size for p in network.parameters().values())
    figures: dict[str, Any] = {
        "nodes": sum(value.size for value in nodes.values),
        "largest_gap": float(f"{max(gaps):.2g}"),
        "best_step": float(f"{STEPS[errors.argmin()]:.2g}"),
        "samples": 20, "weights": weights, "draws": count,
    }  # fmt: skip
    for name, (train, new) in means.items():
        figures[name] = {"training": round(float(train), 4), "from_the_curve": round(float(new), 4)}
        settings.say(f"{name}: {in_words(figures[name])}")
    draw(nodes, errors, samples(20, np.random.default_rng(0)), drawn, settings)
    return figures


def draw(
    nodes: Nodes,
    errors: np.ndarray,
    known: tuple[np.ndarray, np.ndarray],
    drawn: dict[str, np.ndarray],
    settings: Settings,
) -> None:
    """Draw the small network with both gradients, the differences' error, and the three curves."""
    with figure(settings.picture, 17, 11.5) as drawing:
        halves: Any = drawing.subfigures(2, 1, height_ratios=(6, 5))
        above, below = halves
        left, right = above.subplots(1, 2, width_ratios=(2, 1))
        graph(left, nodes)
        right.loglog(STEPS, np.maximum(errors, 1e-17), "o-", color=BLUE, ms=3)
        right.set(xlabel="step of the difference", ylabel="its error",
                  title="too large a step, or too small")  # fmt: skip
        place = np.linspace(-1, 1, 201)
        for axes, (name, (_, _, color)) in zip(below.subplots(1, 3), WAYS.items(), strict=True):
            axes.plot(place, curve(place), color=GREY, ls="--", label="the curve")
            axes.plot(*known, "o", color="black", ms=3, label="samples")
            axes.plot(place, drawn[name], color=color, label="learned")
            axes.set(title=name, ylim=(-1.6, 2.6), xlabel="x")
            axes.legend(loc="upper left")


def graph(axes: Any, nodes: Nodes) -> None:
    """Draw each node with its value and both gradients."""
    names = "input", "sums", "tanh", "answer"
    heights = [np.arange(value.size) - (value.size - 1) / 2 for value in nodes.values]
    for layer in range(len(heights) - 1):
        for a, low in enumerate(heights[layer]):
            for b, high in enumerate(heights[layer + 1]):
                if layer != 1 or a == b:  # tanh sees its own sum
                    axes.plot([layer + 0.25, layer + 0.75], [low, high], color="0.8", lw=0.8)
    for layer, height in enumerate(heights):
        axes.text(layer, 2.35, names[layer], ha="center")
        columns = nodes.values[layer], nodes.gradients[layer], nodes.differences[layer]
        for place, value, ours, theirs in zip(height, *(c[0] for c in columns), strict=True):
            axes.text(layer, place, f"{value:.3f}", ha="center", va="bottom", weight="bold",
                      fontsize=7)  # fmt: skip
            axes.text(
                layer, place - 0.08, f"{ours:.6f}", ha="center", va="top", color=BLUE, fontsize=7
            )
            axes.text(layer, place - 0.3, f"{theirs:.6f}", ha="center", va="top", color=ORANGE,
                      fontsize=7)  # fmt: skip
    title = "value (bold), gradient by the chain rule (blue), by differences (orange)"
    axes.set(xlim=(-0.4, 3.4), ylim=(-2.2, 2.6), title=title)
    axes.set_axis_off()
