"""What a recipe goes by, drawn: the columns that count, and what it says along the first."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.pipeline.explain import Explanation
from rosenblatt.report.escape import drawn
from rosenblatt.report.style import BLUE, figure

MOST = 20  # columns in the bar chart
CURVES = 6  # of classes, or of values, at most
ACROSS = 3  # columns with a curve of their own, side by side


def write_explanation(
    path: Path | str, explanation: Explanation, metric: str, target: Target, down: int = 2
) -> None:
    """Draw importance as bars and partial dependence as curves, whole or not at all.

    What counts in a metric that was learned is drawn between them; down: rows of curves. Of two
    classes the second alone is drawn. Raises UserError as figure.
    """
    names = dict(enumerate(target.names[:CURVES]))
    said = target.names[0] if isinstance(target, Values) else "probability"
    if len(target.names) == 2 and isinstance(target, Classes):
        names = {1: target.names[1]}
        said += f" of {names[1]}"
    bars = ["lost", *(["metric"] if explanation.metric else [])]
    panels = [[f"{row}, {place}" for place in range(ACROSS)] for row in range(down)]
    rows: Any = [[name] * ACROSS for name in bars] + panels
    with figure(path, 18, 4.5 * len(rows)) as drawing:
        axes = drawing.subplot_mosaic(rows)
        lost = explanation.lost
        _bars(axes["lost"], explanation.columns, lost.mean(1), lost.std(1))
        axes["lost"].set_title(f"{metric} lost as a column is permuted")
        if explanation.metric:
            most = sorted(explanation.metric.items(), key=lambda pair: -pair[1])
            _bars(axes["metric"], [name for name, _ in most], [share for _, share in most])
            axes["metric"].set_title("by how much a number counts in the learned metric")
        curves = zip(explanation.columns, explanation.along, strict=True)
        drawable = ((column, along) for column, along in curves if len(along[0]))
        places = [place for row in panels for place in row]
        for place, (column, along) in zip(places, drawable, strict=False):
            axes[place].set_title(drawn(column, 30))
            _curve(axes[place], *along, names)
            if place.endswith(" 0"):
                axes[place].set_ylabel(drawn(said, 30))
        for place in places:
            if not axes[place].has_data():
                axes[place].set_axis_off()
        if len(names) > 1:
            axes[places[0]].legend(fontsize="x-small")


def _bars(axes, names: Sequence[str], heights, spread=None) -> None:  # type: ignore[no-untyped-def]
    """Draw a bar for each of the first names, and how much it varies."""
    places = np.arange(min(MOST, len(names)))
    shown = [drawn(name, 16) for name in names[:MOST]]
    axes.bar(places, heights[:MOST], yerr=None if spread is None else spread[:MOST], color=BLUE)
    axes.set_xticks(places, shown, rotation=60, ha="right")


def _curve(axes, cells: np.ndarray, said: np.ndarray, names: dict[int, str]) -> None:  # type: ignore[no-untyped-def]
    """Draw mean answers [s, K] over the cells [s], numbers as such, others by their names.

    names: of the answers that are drawn.
    """
    numbers = cells.dtype.kind in "fiu"
    x = cells.astype(np.float64) if numbers else np.arange(len(cells))
    for k, name in names.items():
        axes.plot(x, said[:, k], "-o" if numbers else "o", markersize=2.5, label=drawn(name, 16))
    if not numbers:
        axes.set_xticks(x, [drawn(str(cell), 10) for cell in cells], rotation=60, ha="right")
    axes.tick_params(labelsize="x-small")
