"""Public against private scores: who would win, and how much of it is luck."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rosenblatt.challenge.board import Scores
from rosenblatt.report import style
from rosenblatt.report.labels import name_points

NAMED = 12  # submissions named in the picture


def draw_board(
    path: Path | str,
    metric: str,
    boards: dict[str, Scores],
    public: np.ndarray,
    luck: Sequence[float],
) -> None:
    """Draw private over public scores, with the range in which 95 % land by luck alone.

    metric: its title; boards: the scores of each submission by name, the first NAMED of which are
    named; public [n] bool: its rows; luck: the standard
    deviation of private minus public score of each. Raises UserError as style.figure.
    """
    rows = int(public.sum()), int((~public).sum())
    x = np.array([scores.public for scores in boards.values()])
    y = np.array([scores.private for scores in boards.values()])
    ends, reach = np.concatenate([x, y]), 1.96 * np.array(luck)
    margin = max(0.15 * float(ends.max() - ends.min()), 1.2 * float(reach.max()), 1e-6)
    most = ends.max() + margin
    most = min(most, 1.002) if ends.max() <= 1 else most  # there is nothing above an accuracy of 1
    line = np.linspace(ends.min() - margin, most, 100)
    band = np.interp(line, x[np.argsort(x)], reach[np.argsort(x)])
    with style.figure(path, 12, 12) as figure:
        axes = figure.subplots()
        axes.fill_between(line, line - band, line + band, color=style.GREY, alpha=0.15, lw=0)
        axes.plot(line, line, color=style.GREY, ls="--", lw=0.8)
        axes.scatter(x, y, s=18, color=style.BLUE, zorder=3)
        places: dict[tuple[float, float], list[str]] = {}  # equal scores share a label
        for name in list(boards)[:NAMED]:
            places.setdefault((boards[name].public, boards[name].private), []).append(name)
        axes.set_xlim(line[0], line[-1])
        axes.set_ylim(line[0], line[-1])
        axes.set_aspect("equal")  # equality is the point
        axes.set_xlabel(f"public {metric} ({rows[0]:,} rows)")
        axes.set_ylabel(f"private {metric} ({rows[1]:,} rows)")
        labels = [(*where, ", ".join(names), "black") for where, names in places.items()]
        axes.set_title("dashed: equal scores; grey: where 95 % land by luck alone")
        name_points(axes, labels, fontsize=6)
