"""Figures of kept results: error against time, and against the number of training rows."""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.report import style
from rosenblatt.report.escape import drawn
from rosenblatt.report.labels import name_points
from rosenblatt.report.results import Results, core_minutes, metric_of, recipe_name, timed

MARKERS = "osD^vPXp"  # with the seven colours, 56 pairs
WIDTH, HEIGHT = 13.0, 8.0  # cm
BESIDE = 0.1  # how far a point stands from another at the same rows, as a share of them


def draw_tradeoffs(folder: Path, results: Results, published: dict[str, Any]) -> list[Path]:
    """Write time.svg and rows.svg, each where there is a result for it; return their paths."""
    scored = [result for result in results if result["command"] == "evaluate"]
    curves = any(result["command"] == "curve" for result in results)
    written = []
    if scored:
        written.append(folder / "time.svg")
        draw_times(written[-1], results)
    if curves:
        written.append(folder / "rows.svg")
        draw_rows(written[-1], results, published.get("curve", []))
    return written


def draw_times(path: Path, results: Results) -> None:
    """Draw each evaluation's error, with its standard error, against the core time of a training.

    A point's label is the recipe's name, in the challenge's colour.
    """
    scored = [result for result in of_accuracy(results) if result["command"] == "evaluate"]
    challenges = sorted({result["challenge"] for result in scored})
    with style.figure(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        names: list[tuple[float, float, str, str]] = []
        for place, name in enumerate(challenges):
            points = [result for result in scored if result["challenge"] == name]
            colour = style.COLOURS[place % len(style.COLOURS)]
            minutes = [core_minutes(timed(result, results)) for result in points]
            axes.errorbar(
                minutes,
                [100 * (1 - result["ensemble"]["mean"]) for result in points],
                [100 * result["ensemble"]["standard_error"] for result in points],
                fmt=MARKERS[place % len(MARKERS)],
                color=colour,
                capsize=2,
                label=drawn(name),
            )
            names += [
                (x, 100 * (1 - result["ensemble"]["mean"]), recipe_name(result), colour)
                for x, result in zip(minutes, points, strict=True)
            ]
        axes.margins(0.2)
        _logarithmic(axes, "minutes of one core to train and predict")
        figure.legend(loc="outside lower center", ncols=4, fontsize=6)
        name_points(axes, names)


def draw_rows(path: Path, results: Results, published: list[dict[str, Any]]) -> None:
    """Draw our curves and evaluations with standard errors, and the published curves dashed.

    Sizes measured apart, as where small ones need more epochs, join to one curve of a recipe's
    name. An evaluation of the same data is a point at the rows that each fold learned from; of
    several at the same rows, the further ones stand beside it.
    """
    with style.figure(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        for place, other in enumerate(published):
            axes.plot(
                other["rows"],
                other["error"],
                ls=("--", ":", "-.")[place % 3],
                marker=".",
                color=style.GREY,
                label=drawn(other["name"]),
            )
        taken: list[float] = []
        for place, (name, points) in enumerate(lines(results).items()):
            rows, errors, deviations = zip(*sorted(points), strict=True)
            beside = 0 if len(rows) > 1 else taken.count(rows[0])
            taken += rows
            axes.errorbar(
                np.array(rows) * (1 + BESIDE) ** -beside,
                errors,
                deviations,
                fmt=f"{MARKERS[place % len(MARKERS)]}-",
                color=style.COLOURS[place % len(style.COLOURS)],
                capsize=2,
                label=drawn(name),
            )
        _logarithmic(axes, "training rows (of points at the same number, the others left of it)")
        axes.legend()
        axes.set_ylim(top=6 * axes.get_ylim()[1])  # room for the legend


def of_accuracy(results: Results) -> Results:
    """Return the results whose scores are accuracies, which alone have an error in percent."""
    return [result for result in results if metric_of(result) == "accuracy"]


def lines(results: Results) -> dict[str, list[tuple[float, float, float]]]:
    """Return (training rows, error and standard error in percent) of each line, by its label.

    results: as read_results returns them.
    """
    found: dict[str, list[tuple[float, float, float]]] = {}
    results = of_accuracy(results)
    curves = [result for result in results if result["command"] == "curve"]
    for result in curves:
        name = f"{result['recipe']} ({result['held']:,} rows held out)"
        found.setdefault(name, []).extend(
            (point["rows"], 100 * (1 - point["score"]), 100 * point["standard_error"])
            for point in result["points"]
        )
    known = {result["data_digest"] for result in curves}
    for result in results:
        if result["command"] == "evaluate" and result["data_digest"] in known:
            rows = result["rows"] * (result["folds"] - 1) / result["first"]
            score = result["ensemble"]
            found.setdefault(f"{result['recipe']} (cross-validated)", []).append(
                (rows, 100 * (1 - score["mean"]), 100 * score["standard_error"])
            )
    return found


def _logarithmic(axes: Any, what: str) -> None:
    """Give axes of error in percent against something plain numbers in place of powers."""
    from matplotlib.ticker import LogLocator

    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:,g}")
        axis.set_minor_formatter("")
    axes.set_xlabel(what)
    axes.set_ylabel("error, %")
    axes.grid(visible=True, which="both", lw=0.3)
