"""The figures of a report, as vector PDF: curves, confusion matrix, filters, worst mistakes."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.report import style
from rosenblatt.report.evidence import Evidence
from rosenblatt.report.sheet import visible
from rosenblatt.train.metrics import confusion_matrix

WIDTH, HEIGHT = 8.3, 5.6  # cm: two side by side on a page
MISTAKES = (2, 8)  # rows, columns


def draw_figures(folder: Path, challenge: Challenge, evidence: Evidence) -> list[str]:
    """Write the figures that the evidence allows, each NAME.pdf, and return their names.

    Raises UserError as style.figure.
    """
    draw_confusion(folder / "confusion.pdf", challenge, evidence)
    draw_mistakes(folder / "mistakes.pdf", challenge, evidence.votes)
    names = ["confusion", "mistakes"]
    if evidence.curve:
        draw_curves(folder / "curves.pdf", evidence)
        names.append("curves")
    if evidence.filters.size:
        draw_filters(folder / "filters.pdf", evidence)
        names.append("filters")
    return names


def draw_curves(path: Path, evidence: Evidence) -> None:
    """Draw the training loss, and the error on training and held-out rows, over the epochs."""
    from matplotlib.ticker import LogLocator

    columns = {key: [row[key] for row in evidence.curve] for key in ("epoch", "loss", "metric")}
    held = [row["held"] for row in evidence.curve]
    with style.figure(path, WIDTH, HEIGHT) as figure:
        above, below = figure.subplots(2, sharex=True)
        above.semilogy(columns["epoch"], columns["loss"], color=style.BLUE)
        above.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        above.yaxis.set_major_formatter("{x:g}")
        above.yaxis.set_minor_formatter("")
        above.set_ylabel("loss")
        wrong = 100 * (1 - np.array([columns["metric"], held]))
        below.plot(columns["epoch"], wrong[0], color=style.BLUE, label="training rows")
        below.plot(columns["epoch"], wrong[1], color=style.ORANGE, ls="--", label="held-out rows")
        below.set_ylim(0, max(2.0, 1.2 * float(np.percentile(wrong, 90))))
        below.set_ylabel("error, %")
        below.set_xlabel("epoch")
        below.legend(loc="upper right")


def draw_confusion(path: Path, challenge: Challenge, evidence: Evidence) -> None:
    """Draw the counts of true against predicted classes; mistakes are shaded by their number."""
    counts = confusion_matrix(challenge.labels, evidence.votes.argmax(1), len(challenge.classes))
    wrong = counts * (1 - np.eye(len(counts)))
    most = max(float(wrong.max()), 1.0)
    with style.figure(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        axes.imshow(wrong, cmap="Oranges", vmin=0, vmax=2.5 * most, aspect="auto")
        size = 7 if len(counts) <= 12 else 4
        for (true, predicted), count in np.ndenumerate(counts):
            if count:
                shade = style.GREY if true == predicted else "black"
                axes.text(
                    predicted,
                    true,
                    str(count),
                    ha="center",
                    va="center",
                    fontsize=size,
                    color=shade,
                )
        axes.set_xticks(range(len(counts)), challenge.classes)
        axes.set_yticks(range(len(counts)), challenge.classes)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")


def draw_filters(path: Path, evidence: Evidence) -> None:
    """Draw the filters of the first layer; grey is 0, each filter in its own range."""
    filters = evidence.filters[:64]
    columns = 11
    rows = -(-len(filters) // columns)
    with style.figure(path, WIDTH, 0.85 * rows) as figure:
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes in grid.flat:
            style.bare(axes)
        for axes, weights in zip(grid.flat, filters, strict=False):
            image = 0.5 + 0.5 * weights / max(float(np.abs(weights).max()), 1e-12)
            image = image if image.shape[2] == 3 else image.mean(2)
            axes.imshow(image, cmap="gray", vmin=0, vmax=1)


def worst_mistakes(challenge: Challenge, votes: np.ndarray) -> np.ndarray:
    """Return the wrong rows, those first whose wrong class has most over the true one.

    votes [N, K] of the training rows.
    """
    rows = np.flatnonzero(votes.argmax(1) != challenge.labels)
    lead = votes[rows].max(1) - votes[rows, challenge.labels[rows]]
    return rows[np.argsort(-lead, kind="stable")]


def draw_mistakes(path: Path, challenge: Challenge, votes: np.ndarray) -> None:
    """Draw the worst mistakes of votes [N, K], each with its true and its predicted class."""
    shown = worst_mistakes(challenge, votes)[: MISTAKES[0] * MISTAKES[1]]
    images = visible(challenge.train, shown)
    chosen = votes.argmax(1)
    with style.figure(path, WIDTH, 3.3) as figure:
        grid = figure.subplots(*MISTAKES)
        for axes in grid.flat:
            style.bare(axes)
        for axes, row, image in zip(grid.flat, shown, images, strict=False):
            axes.imshow(image)
            true, said = challenge.classes[challenge.labels[row]], challenge.classes[chosen[row]]
            axes.set_title(f"{true} as {said}", fontsize=6, pad=2)
