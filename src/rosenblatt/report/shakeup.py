"""Public against private scores: who would win, and how much of it is luck."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.board import Scores
from rosenblatt.challenge.shakeup import spread
from rosenblatt.report import style
from rosenblatt.report.escape import drawn

NAMED = 12  # submissions named in the picture


def draw_board(
    path: Path | str, boards: dict[str, Scores], public_rows: int, private_rows: int
) -> None:
    """Draw private over public scores, with the range in which 95 % land by luck alone.

    boards: the scores of each submission by name. Raises UserError as style.figure.
    """
    public = np.array([scores.public for scores in boards.values()])
    private = np.array([scores.private for scores in boards.values()])
    ends = np.concatenate([public, private])
    margin = max(0.005, 0.15 * float(ends.max() - ends.min()))
    line = np.linspace(max(0, ends.min() - margin), min(1, ends.max() + margin), 100)
    band = 1.96 * np.array([spread(score, public_rows, private_rows) for score in line])
    with style.figure(path, 12, 10) as figure:
        axes = figure.subplots()
        axes.fill_between(line, line - band, line + band, color=style.GREY, alpha=0.15, lw=0)
        axes.plot(line, line, color=style.GREY, ls="--", lw=0.8)
        axes.scatter(public, private, s=18, color=style.BLUE, zorder=3)
        places: dict[tuple[float, float], list[str]] = {}  # equal scores share a label
        for name in sorted(boards, key=lambda name: -boards[name].private)[:NAMED]:
            places.setdefault((boards[name].public, boards[name].private), []).append(name)
        for where, names in places.items():
            label = drawn(", ".join(names), 80)
            axes.annotate(label, where, (4, 3), textcoords="offset points", fontsize=6)
        axes.set_xlim(line[0], line[-1])
        axes.set_ylim((line - 1.2 * band).min(), min(1.001, (line + 1.2 * band).max()))
        axes.set_xlabel(f"public score ({public_rows:,} rows)")
        axes.set_ylabel(f"private score ({private_rows:,} rows)")
        axes.set_title("dashed: equal scores; grey: where 95 % land by luck alone")
