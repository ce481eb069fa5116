"""What a recipe goes by, drawn: the columns that count, and what it says along the first."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rosenblatt.pipeline.explain import Explanation
from rosenblatt.report.escape import drawn
from rosenblatt.report.style import BLUE, figure

MOST = 20  # columns in the bar chart
ALONG, ACROSS = 6, 3  # columns with a curve of their own, side by side


def write_explanation(
    path: Path | str, explanation: Explanation, metric: str, votes: Sequence[str]
) -> None:
    """Draw importance as bars and partial dependence as curves, whole or not at all.

    votes: names of the K votes; of two classes the second alone is drawn. Raises UserError as
    figure.
    """
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
            _curve(axes[str(place)], *along, votes)
        for place in range(len(some), ALONG):
            axes[str(place)].set_axis_off()
        if len(votes) > 2:
            axes["0"].legend(fontsize="x-small")


def _curve(axes, cells: np.ndarray, said: np.ndarray, votes: Sequence[str]) -> None:  # type: ignore[no-untyped-def]
    """Draw mean votes [s, K] over the cells [s], numbers as such, others by their names."""
    numbers = cells.dtype.kind in "fiu"
    x = cells.astype(np.float64) if numbers else np.arange(len(cells))
    shown = [1] if len(votes) == 2 else range(min(said.shape[1], 6))
    for k in shown:
        axes.plot(
            x, said[:, k], "-o" if numbers else "o", markersize=2.5, label=drawn(votes[k], 16)
        )
    if not numbers:
        axes.set_xticks(x, [drawn(str(cell), 10) for cell in cells], rotation=60, ha="right")
    axes.tick_params(labelsize="x-small")
