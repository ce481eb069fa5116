"""Figures of kept results: error against time, and against the number of training rows."""

from itertools import product
from pathlib import Path
from typing import Any

from rosenblatt.report import style
from rosenblatt.report.escape import drawn
from rosenblatt.report.results import Results, core_minutes, metric_of, recipe_name, timed

COLOURS = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE)
MARKERS = "osD^vPX"  # with the colours, 28 pairs
WIDTH, HEIGHT = 13.0, 8.0  # cm


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
            minutes = [core_minutes(timed(result, results)) for result in points]
            axes.errorbar(
                minutes,
                [100 * (1 - result["ensemble"]["mean"]) for result in points],
                [100 * result["ensemble"]["standard_error"] for result in points],
                fmt=MARKERS[place % len(MARKERS)],
                color=COLOURS[place % 4],
                capsize=2,
                label=drawn(name),
            )
            names += [
                (x, 100 * (1 - result["ensemble"]["mean"]), recipe_name(result), COLOURS[place % 4])
                for x, result in zip(minutes, points, strict=True)
            ]
        axes.margins(0.2)
        _logarithmic(axes, "minutes of one core to train and predict")
        name_points(axes, names)


def name_points(axes: Any, names: list[tuple[float, float, str, str]]) -> None:
    """Write the name of each point (x, y, name, colour) beside it, where nothing else is.

    The axes have a legend, and scales that no longer change. Where all is taken, names overlap.
    """
    from matplotlib.transforms import Bbox

    axes.get_figure().draw_without_rendering()  # settles the scales, and where the legend is
    taken = [axes.get_legend().get_window_extent()]
    for x, y, *_ in names:
        across, up = axes.transData.transform((x, y))
        taken.append(Bbox.from_bounds(across - 4, up - 4, 8, 8))
    for x, y, name, colour in sorted(names):
        text = axes.annotate(
            drawn(name), (x, y), (0, 0), textcoords="offset points", fontsize=7, color=colour
        )
        for up, aside in product((-2, -9, 5, -16, 12, -23, 19, -30), (6, -6)):
            text.set(position=(aside, up), ha="left" if aside > 0 else "right")
            box = text.get_window_extent()
            if not box.count_overlaps(taken) and axes.bbox.x0 < box.x0 < box.x1 < axes.bbox.x1:
                break
        taken.append(box)


def draw_rows(path: Path, results: Results, published: list[dict[str, Any]]) -> None:
    """Draw our curves and evaluations with standard errors, and the published curves dashed.

    Sizes measured apart, as where small ones need more epochs, join to one curve of a recipe's
    name. An evaluation of the same data is a point at the rows that each fold learned from.
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
        for place, (name, points) in enumerate(lines(results).items()):
            rows, errors, deviations = zip(*sorted(points), strict=True)
            axes.errorbar(
                rows,
                errors,
                deviations,
                fmt="o-",
                color=COLOURS[place % 4],
                capsize=2,
                label=drawn(name),
            )
        _logarithmic(axes, "training rows")
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
    axes.legend()
