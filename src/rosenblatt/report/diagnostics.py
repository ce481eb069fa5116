"""The plots by which predictions of rows that no model saw are judged."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.target import Values
from rosenblatt.metrics import METRICS, find_metric
from rosenblatt.metrics.curves import calibration, precision_recall_curve, roc_curve
from rosenblatt.metrics.decisions import classes_held, shares
from rosenblatt.report import style
from rosenblatt.report.escape import drawn
from rosenblatt.report.figures import HEIGHT, WIDTH, draw_confusion, draw_predicted

STYLES = list(product(("-", "--"), (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE)))
FEWEST = 2  # rows of a class, and of others, that make a curve


def draw_diagnostics(
    folder: Path, challenge: Challenge, votes: np.ndarray, fold: np.ndarray
) -> list[Path]:
    """Draw what judges votes [N, K] of the training rows into a folder; return the pictures.

    fold [N]: of each row.

    Of classes confusion, ROC and precision-recall curves and calibration, of values what is left
    over. Raises UserError as style.figure.
    """
    if isinstance(challenge.target, Values):
        draw_predicted(path := folder / "residuals.png", challenge, votes)
        return [path]
    names = ("confusion", "roc", "precision_recall", "calibration")
    paths = [folder / f"{name}.png" for name in names]
    said, metric = shares(votes), find_metric(challenge.metric)
    draw_confusion(paths[0], challenge, classes_held(metric, challenge.labels, votes, fold))
    _draw_curves(paths[1], challenge, said, "roc")
    _draw_curves(paths[2], challenge, said, "precision_recall")
    _draw_calibration(paths[3], challenge, said)
    return paths


def _draw_curves(path: Path, challenge: Challenge, said: np.ndarray, kind: str) -> None:
    """Draw a curve of the second of two classes, or of each class against all others."""
    roc = kind == "roc"
    curve, metric = (roc_curve, "auc") if roc else (precision_recall_curve, "average_precision")
    counts = np.bincount(challenge.labels, minlength=len(challenge.classes))
    fit = (counts >= FEWEST) & (len(challenge.labels) - counts >= FEWEST)
    places = [1] if len(counts) == 2 else np.flatnonzero(fit).tolist()
    with style.figure(path, WIDTH, HEIGHT) as figure:
        axes = _square(figure)
        if roc:
            axes.plot([0, 1], [0, 1], color=style.GREY, lw=0.8)  # of a guess
        for number, place in enumerate(places):
            truth = challenge.labels == place
            if not fit[place]:
                continue
            area = METRICS[metric](truth.astype(np.int64), said[:, place])
            label = f"{drawn(challenge.classes[place], 12)}: {area:.3f}"
            few = len(places) <= len(STYLES)
            line, colour = STYLES[number] if few else ("-", style.GREY)
            points = curve(truth.astype(np.int64), said[:, place])
            where = "post" if roc else "pre"
            axes.step(*points, where=where, ls=line, color=colour, label=label if few else None)
        axes.set_xlabel("false positive rate" if roc else "recall")
        axes.set_ylabel("true positive rate" if roc else "precision")
        title = "area under the curve" if roc else "average precision"
        if len(places) <= len(STYLES):
            axes.legend(loc="lower right" if roc else "lower left", title=title, fontsize=6)
        else:
            axes.set_title(f"{len(places)} classes, each against all others")


def _draw_calibration(path: Path, challenge: Challenge, said: np.ndarray) -> None:
    """Draw how often what was given a share was true: of the second of two, or of the likeliest.

    The latter is Guo et al. 2017, section 2.
    """
    if said.shape[1] == 2:
        truth, share = challenge.labels, said[:, 1]
        name = f"share given to {drawn(challenge.classes[1], 20)}"
    else:
        truth, share = said.argmax(1) == challenge.labels, said.max(1)
        name = "share given to the likeliest class"
    found = calibration(truth.astype(np.int64), np.clip(share, 0, 1))
    with style.figure(path, WIDTH, HEIGHT) as figure:
        axes = _square(figure)
        axes.plot([0, 1], [0, 1], color=style.GREY, lw=0.8)  # where shares can be believed
        error = np.sqrt(found.true * (1 - found.true) / found.rows)
        axes.errorbar(found.said, found.true, error, marker="o", ms=3, color=style.BLUE, lw=0.8)
        axes.set_xlabel(name)
        axes.set_ylabel("share of the rows where it is true")


def _square(figure: Any) -> Any:
    axes = figure.subplots()
    axes.set_xlim(0, 1.01)
    axes.set_ylim(0, 1.01)
    axes.set_aspect("equal")
    return axes
