"""The figures of a report, as vector PDF: curves, confusion matrix, filters, worst mistakes."""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.target import Values, values_of
from rosenblatt.metrics import confusion_matrix, find_metric
from rosenblatt.metrics.decisions import answer
from rosenblatt.pipeline.explain import Explanation
from rosenblatt.report import style
from rosenblatt.report.escape import drawn
from rosenblatt.report.evidence import Evidence
from rosenblatt.report.explained import write_explanation
from rosenblatt.report.sheet import visible

WIDTH, HEIGHT = 8.3, 7.2  # cm: two side by side on a page
COLUMNS, ROWS = 8, 2  # of the worst mistakes
NAMED = 20  # classes whose names and counts find room
NAME = 12  # characters of a class's name
POINTS = 4000  # of a scatter plot


def draw_figures(folder: Path, challenge: Challenge, evidence: Evidence) -> list[str]:
    """Write the figures that the evidence allows, each NAME.pdf, and return their names.

    Raises UserError as style.figure.
    """
    names = []
    if evidence.explained:
        draw_columns(folder / "columns.pdf", challenge, evidence)
        names.append("columns")
    if isinstance(challenge.target, Values):
        draw_predicted(folder / "predicted.pdf", challenge, evidence.votes)
        return [*names, "predicted"]
    said = evidence.said(challenge)
    draw_confusion(folder / "confusion.pdf", challenge, said)
    names.append("confusion")
    if challenge.kind == "image" and (said != challenge.labels).any():
        draw_mistakes(folder / "mistakes.pdf", challenge, evidence.votes, said)
        names.append("mistakes")
    if evidence.curve:
        draw_curves(folder / "curves.pdf", evidence)
        names.append("curves")
    if evidence.filters.size:
        draw_filters(folder / "filters.pdf", evidence)
        names.append("filters")
    return names


def draw_columns(path: Path, challenge: Challenge, evidence: Evidence) -> None:
    """Draw which columns of a table count, and what is said along the first of them."""
    found, metric = Explanation.from_json(evidence.explained), find_metric(challenge.metric)
    write_explanation(path, found, metric.title, challenge.target, down=1)


def draw_curves(path: Path, evidence: Evidence) -> None:
    """Draw the training loss, and the error on training and held-out rows, over the epochs.

    The error's scale is linear up to 1 % and logarithmic above: the first epochs fit, and the last
    are told apart.
    """
    from matplotlib.ticker import MaxNLocator, NullLocator

    columns = {key: [row[key] for row in evidence.curve] for key in ("epoch", "loss", "metric")}
    wrong = 100 * (1 - np.array([columns["metric"], [row["held"] for row in evidence.curve]]))
    with style.figure(path, WIDTH, HEIGHT) as figure:
        above, below = figure.subplots(2, sharex=True)
        above.semilogy(columns["epoch"], columns["loss"], color=style.BLUE)
        _plain_ticks(above)
        above.set_ylabel("loss")
        below.plot(columns["epoch"], wrong[0], color=style.BLUE, label="training rows")
        below.plot(columns["epoch"], wrong[1], color=style.ORANGE, ls="--", label="held-out rows")
        below.set_yscale("symlog", linthresh=1, linscale=0.5)
        below.set_yticks(
            [0, 1, 2, 5, 10, 20, 50, 100], ["0", "1", "2", "5", "10", "20", "50", "100"]
        )
        below.yaxis.set_minor_locator(NullLocator())
        below.set_ylim(0, 1.15 * max(2.0, float(wrong.max())))
        below.set_ylabel("error, %")
        below.set_xlabel("epoch")
        below.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.align_ylabels()
        figure.legend(loc="outside upper center", ncols=2)  # beside the lines, not on them


def _plain_ticks(axes: Any) -> None:
    """Give a logarithmic axis numbers in place of powers, 1, 2 and 5 of each ten."""
    from matplotlib.ticker import LogLocator

    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")


def draw_confusion(path: Path, challenge: Challenge, said: np.ndarray) -> None:
    """Draw the counts of true against predicted classes; mistakes are shaded by their number.

    said: classes [N] of the training rows.
    """
    counts = confusion_matrix(challenge.labels, said, len(challenge.classes))
    wrong = counts * (1 - np.eye(len(counts)))
    most = max(float(wrong.max()), 1.0)
    with style.figure(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        axes.imshow(wrong, cmap="Oranges", vmin=0, vmax=2.5 * most, aspect="auto")
        if len(counts) <= NAMED:
            _write_counts(axes, counts)
        step = -(-len(counts) // NAMED)  # of many classes, some are named
        names = [drawn(name, NAME) for name in challenge.classes[::step]]
        slanted = max(map(len, names)) > 3
        axes.set_xticks(range(0, len(counts), step), names, rotation=90 if slanted else 0)
        axes.set_yticks(range(0, len(counts), step), names)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")


def draw_predicted(path: Path, challenge: Challenge, votes: np.ndarray) -> None:
    """Draw predicted against true values, the first of each row, and what is left over.

    votes [N, T] for rows that the models never saw, in the scale that is learned. At most POINTS
    rows are drawn, evenly chosen.
    """
    from matplotlib.ticker import MaxNLocator

    metric, target = find_metric(challenge.metric), values_of(challenge.target)
    truth, name = target.values[:, 0], drawn(target.names[0], 30)
    said = answer(metric, votes).reshape(len(truth), -1)[:, 0]
    some = np.linspace(0, len(truth) - 1, min(POINTS, len(truth))).astype(np.int64)
    with style.figure(path, WIDTH, HEIGHT) as figure:
        above, below = figure.subplots(2, height_ratios=(3, 2))
        above.scatter(truth[some], said[some], 8, color=style.BLUE, alpha=0.5, lw=0)
        ends = min(truth.min(), said.min()), max(truth.max(), said.max())
        above.plot(ends, ends, color=style.GREY, lw=0.8)  # where they are equal
        above.set_xlabel(f"true {name}")
        above.set_ylabel("predicted")
        if metric.log and ends[0] > 0:
            above.set_xscale("log")
            above.set_yscale("log")
        below.hist(said - truth, 60, color=style.BLUE)
        below.axvline(0, color=style.GREY, lw=0.8)
        below.xaxis.set_major_locator(MaxNLocator(5))
        below.set_xlabel("predicted - true")
        below.set_ylabel("rows")


def _write_counts(axes: Any, counts: np.ndarray) -> None:
    """Write each count but 0 into its cell, those of right rows in grey."""
    size = 7 if len(counts) <= 12 else 4
    for (true, predicted), count in np.ndenumerate(counts):
        if count:
            axes.text(
                predicted,
                true,
                str(count),
                ha="center",
                va="center",
                fontsize=size,
                color=style.GREY if true == predicted else "black",
            )


def draw_filters(path: Path, evidence: Evidence) -> None:
    """Draw the filters of the first layer; grey is 0, each filter in its own range."""
    filters = evidence.filters[:32]
    columns = 8
    rows = -(-len(filters) // columns)
    with style.figure(path, WIDTH, 1.05 * rows) as figure:
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes in grid.flat:
            style.bare(axes)
        for axes, weights in zip(grid.flat, filters, strict=False):
            image = 0.5 + 0.5 * weights / max(float(np.abs(weights).max()), 1e-12)
            image = image if image.shape[2] == 3 else image.mean(2)
            axes.imshow(image, cmap="gray", vmin=0, vmax=1)


def worst_mistakes(challenge: Challenge, votes: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return the wrong rows, those first whose wrong class has most over the true one.

    votes [N, K] of the training rows, said: classes [N].
    """
    rows = np.flatnonzero(said != challenge.labels)
    lead = votes[rows, said[rows]] - votes[rows, challenge.labels[rows]]
    return rows[np.argsort(-lead, kind="stable")]


def draw_mistakes(path: Path, challenge: Challenge, votes: np.ndarray, said: np.ndarray) -> None:
    """Draw the worst mistakes, each with what it is and what it was said to be.

    votes [N, K] of the training rows, said: classes [N].
    """
    worst = worst_mistakes(challenge, votes, said)
    names = [drawn(name, 10) for name in challenge.classes]
    few = len(worst) <= COLUMNS or max(map(len, names)) > 3  # larger, with room for longer names
    columns = COLUMNS // 2 if few else COLUMNS
    worst = worst[: ROWS * columns]
    rows = max(1, -(-len(worst) // columns))
    with style.figure(path, WIDTH, (WIDTH / columns + 0.75) * rows) as figure:
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes in grid.flat:
            style.bare(axes)
        images = visible(challenge.train, worst)
        for axes, row, image in zip(grid.flat, worst, images, strict=False):
            axes.imshow(image)
            true, false = names[challenge.labels[row]], names[said[row]]
            axes.set_title(f"is {true}\nsaid {false}", fontsize=6, pad=2)
