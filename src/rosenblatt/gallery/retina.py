"""Rosenblatt's perceptron: a retina of 20 x 20 cells, units wired to it at random, and a response.

The association units never learn; the perceptron on top of them does (Rosenblatt 1958). Beside it
the same perceptron on the cells themselves. Bars are Rosenblatt's own experiment (1960, "Perceptron
simulation experiments"): 20 horizontal and 20 vertical ones, 4 cells thick, around the edges too.
On the cells no perceptron tells all of them apart: both kinds light each cell 4 times, so that its
sums over the two kinds are equal. Pictures are the digits that come along, or a challenge's.
"""

from typing import Any, NamedTuple

import numpy as np

from rosenblatt.classic import Perceptron
from rosenblatt.features.association import SIDE, AssociationLayer, on_retina
from rosenblatt.gallery.pictures import Pictures, pictures
from rosenblatt.gallery.runner import Settings, in_words
from rosenblatt.report.escape import drawn
from rosenblatt.report.style import BLUE, GREEN, ORANGE, bare, figure

THICK = 4  # cells of a bar
EPOCHS = 20


Data = tuple[np.ndarray, np.ndarray]  # inputs [N, D] and labels [N]


class Learned(NamedTuple):
    """A perceptron, its test accuracy, and how many mistakes it made in each epoch."""

    machine: Perceptron
    accuracy: float
    mistakes: list[int]


def bars() -> tuple[np.ndarray, np.ndarray]:
    """Return all bars on the retina, [40, 400] of 0 and 1, and 0 for horizontal, 1 for vertical."""
    images = np.zeros((2, SIDE, SIDE, SIDE), np.float32)
    for place in range(SIDE):
        for row in range(place, place + THICK):
            images[0, place, row % SIDE] = images[1, place, :, row % SIDE] = 1
    return images.reshape(2 * SIDE, -1), np.repeat([0, 1], SIDE)


def learned(known: Data, asked: Data, epochs: int) -> Learned:
    """Return a perceptron that has learned `known`, tested on `asked`."""
    totals = [0]
    for epoch in range(1, epochs + 1):  # again each time, in the same order
        machine = Perceptron(epochs=epoch, answer="last").fit(*known)
        totals.append(int(machine.mistakes_.sum()))
    accuracy = float((machine.predict(asked[0]) == asked[1]).mean())
    return Learned(machine, accuracy, np.diff(totals).tolist())


def wired(units: int, seed: int) -> AssociationLayer:
    """Return association units, each on 10 cells that excite it and 10 that inhibit it."""
    return AssociationLayer.make(SIDE * SIDE, units, np.random.default_rng(seed))


def told_bars(units: int, epochs: int) -> dict[str, int]:
    """Return how many of the 40 bars are told after learning all, on the cells and on units."""
    cells, kinds = bars()
    seen = {"cells": cells, f"{units} units": wired(units, 0)(cells)}
    return {
        name: round(len(x) * learned((x, kinds), (x, kinds), epochs).accuracy)
        for name, x in seen.items()
    }


def told_pictures(data: Pictures, counts: tuple[int, ...], epochs: int) -> dict[str, Learned]:
    """Return what perceptrons learn of pictures, on the cells and on so many units."""
    cells, asked = on_retina(data.train), on_retina(data.test)
    found = {"cells": learned((cells, data.labels), (asked, data.test_labels), epochs)}
    for units in counts:
        layer = wired(units, 0)
        known = layer(cells), data.labels
        found[f"{units} units"] = learned(known, (layer(asked), data.test_labels), epochs)
    return found


def run(settings: Settings) -> dict[str, Any]:
    data = pictures(settings)
    counts, epochs = ((100, 400), 5) if settings.quick else ((100, 400, 1600, 6400), 20)
    told = told_bars(400, 20)
    settings.say(f"bars recognised of 40: {in_words(told)}")
    found = told_pictures(data, counts, epochs)
    accuracy = {name: round(one.accuracy, 4) for name, one in found.items()}
    settings.say(f"test accuracy on pictures: {in_words(accuracy)}")
    draw(data, found, counts, settings)
    return {"epochs": epochs, "bars_told_of_40": told, "pictures": len(data.train),
            "test_pictures": len(data.test), "accuracy": accuracy}  # fmt: skip


def draw(
    data: Pictures, found: dict[str, Learned], counts: tuple[int, ...], settings: Settings
) -> None:
    """Draw what units are wired to, the response units' weights, mistakes, and test accuracy."""
    layer = wired(counts[-1], 0)
    on_units = found[f"{counts[-1]} units"].machine.coef_ @ layer.wiring.T
    weights = {"cells": found["cells"].machine.coef_, "units": on_units}
    retina = on_retina(data.train[:1]).reshape(SIDE, SIDE)
    with figure(settings.picture, 17, 12) as drawing:
        halves: Any = drawing.subfigures(2, 1, height_ratios=(6, 5))
        above, below = halves
        panels = above.subplots(2, 6)
        above.suptitle(
            "green wires excite, orange ones inhibit; red weights speak for a class, blue against"
        )
        for axes in panels.flat:
            bare(axes)
            axes.spines[:].set_visible(True)  # the retina is larger than the digit on it
        panels[0, 0].imshow(retina, cmap="gray_r")
        panels[0, 0].set_title("the retina")
        for unit, axes in enumerate((panels[1, 0], panels[0, 1], panels[1, 1])):
            show_wiring(axes, retina, layer.wiring[:, unit])
            axes.set_title(f"wires of unit {unit + 1}")
        for row, (name, maps) in zip(panels[:, 2:], weights.items(), strict=True):
            for label, axes in enumerate(row[: len(maps)]):
                most = np.abs(maps[label]).max()
                image = maps[label].reshape(SIDE, SIDE)
                axes.imshow(image, cmap="RdBu_r", vmin=-most, vmax=most)
                axes.set_title(f"{drawn(data.classes[label])}, on {name}")
        draw_figures(below.subplots(1, 2), found, counts)


def draw_figures(panels: Any, found: dict[str, Learned], counts: tuple[int, ...]) -> None:
    """Draw mistakes by epoch, and test accuracy by number of units."""
    left, right = panels
    for (name, one), color in zip(found.items(), shades(len(found)), strict=True):
        left.plot(range(1, len(one.mistakes) + 1), one.mistakes, color=color, label=name)
    left.set(title="mistakes in learning", xlabel="epoch", ylabel="mistakes of all responses")
    left.set_ylim(bottom=0)
    left.legend()
    accuracy = [found[f"{n} units"].accuracy for n in counts]
    right.semilogx(counts, accuracy, "o-", color=BLUE, ms=4, label="on association units")
    right.axhline(found["cells"].accuracy, color=ORANGE, ls="--", label="on the cells")
    right.set_xticks(counts, list(map(str, counts)))
    right.minorticks_off()
    right.set(title="accuracy on test pictures", xlabel="association units", ylabel="accuracy")
    right.legend()


def show_wiring(axes: Any, retina: np.ndarray, wires: np.ndarray) -> None:
    """Draw the cells that excite a unit (green) and that inhibit it (orange) on the retina."""
    axes.imshow(retina, cmap="gray_r", alpha=0.4)
    for sign, color, marker in ((1, GREEN, "+"), (-1, ORANGE, "_")):
        rows, columns = np.divmod(np.flatnonzero(wires == sign), SIDE)
        axes.plot(columns, rows, marker, color=color, ms=5, mew=1.5)


def shades(count: int) -> list[Any]:
    """Return the colour of the cells, and ever darker ones for more units."""
    from matplotlib import colormaps

    return [ORANGE, *colormaps["Blues"](np.linspace(0.4, 1, count - 1))]
