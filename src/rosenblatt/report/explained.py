"""What a recipe goes by, drawn: the columns that count, and what it says along the first."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.pipeline.explain import Explanation
from rosenblatt.report.escape import drawn
from rosenblatt.report.style import BLUE, figure

MOST = 20  # columns in the bar chart
CURVES = 6  # of classes, or of values, at most
ALONG, ACROSS = 6, 3  # columns with a curve of their own, side by side


def write_explanation(
    path: Path | str, explanation: Explanation, metric: str, target: Target
) -> None:
    """Draw importance as bars and partial dependence as curves, whole or not at all.

    Of two classes the second alone is drawn. Raises UserError as figure.
    """
    names = dict(enumerate(target.names[:CURVES]))
    said = target.names[0] if isinstance(target, Values) else "probability"
    if len(target.names) == 2 and isinstance(target, Classes):
        names = {1: target.names[1]}
        said += f" of {names[1]}"
    columns = explanation.columns[:MOST]
    with figure(path, 18, 15) as drawing:
        axes = drawing.subplot_mosaic([["bars"] * ACROSS, ["0", "1", "2"], ["3", "4", "5"]])
        places = np.arange(len(columns))
        means, spread = explanation.lost[:MOST].mean(1), explanation.lost[:MOST].std(1)
        axes["bars"].bar(places, means, yerr=spread, color=BLUE)
        axes["bars"].set_xticks(
            places, [drawn(str(c), 16) for c in columns], rotation=60, ha="right"
        )
        axes["bars"].set_ylabel(f"{metric} lost, permuted")
        curves = zip(explanation.columns, explanation.along, strict=True)
        some = [(column, along) for column, along in curves if len(along[0])][:ALONG]
        for place, (column, along) in enumerate(some):
            axes[str(place)].set_title(drawn(str(column), 30))
            _curve(axes[str(place)], *along, names)
            if place % ACROSS == 0:
                axes[str(place)].set_ylabel(drawn(said, 30))
        for place in range(len(some), ALONG):
            axes[str(place)].set_axis_off()
        if len(names) > 1:
            axes["0"].legend(fontsize="x-small")


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
