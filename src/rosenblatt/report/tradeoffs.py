"""Figures of kept results: error against time, and against the number of training rows."""

from pathlib import Path
from typing import Any

from rosenblatt.report import style
from rosenblatt.report.scores import Results, recipe_name, seconds_once, timed

COLOURS = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE)
MARKERS = "osD^vPX"  # with the colours, 28 pairs
WIDTH, HEIGHT = 13.0, 8.0  # cm


def draw_tradeoffs(folder: Path, results: Results, published: dict[str, Any]) -> list[Path]:
    """Write time.svg and rows.svg, each where there is a result for it; return their paths."""
    scored = [result for result in results if result["command"] == "evaluate"]
    curves = [result for result in results if result["command"] == "curve"]
    written = []
    if scored:
        written.append(folder / "time.svg")
        draw_times(written[-1], results)
    if curves:
        written.append(folder / "rows.svg")
        draw_rows(written[-1], curves, published.get("curve", []))
    return written


def draw_times(path: Path, results: Results) -> None:
    """Draw each evaluation's error, with its standard error, against the time of one training.

    A point's label is the recipe's name.
    """
    scored = [result for result in results if result["command"] == "evaluate"]
    challenges = sorted({result["challenge"] for result in scored})
    with style.figure(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        for place, name in enumerate(challenges):
            points = [result for result in scored if result["challenge"] == name]
            minutes = [seconds_once(timed(result, results)) / 60 for result in points]
            axes.errorbar(
                minutes,
                [100 * (1 - result["ensemble"]["mean"]) for result in points],
                [100 * result["ensemble"]["standard_error"] for result in points],
                fmt=MARKERS[place % len(MARKERS)],
                color=COLOURS[place % 4],
                capsize=2,
                label=name,
            )
            for x, result in zip(minutes, points, strict=True):
                end = x, 100 * (1 - result["ensemble"]["mean"])
                fastest = len(points) > 1 and x == min(minutes)  # its name goes to the left
                aside = -5 if fastest else 5, (4, -9, -9, 4)[place % 4]
                axes.annotate(
                    recipe_name(result),
                    end,
                    aside,
                    textcoords="offset points",
                    ha="right" if fastest else "left",
                    fontsize=7,
                )
        axes.margins(0.2)
        _logarithmic(axes, "minutes to train and predict")


def draw_rows(path: Path, curves: Results, published: list[dict[str, Any]]) -> None:
    """Draw our curves with standard errors, and the published ones dashed."""
    with style.figure(path, WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        for place, other in enumerate(published):
            axes.plot(
                other["rows"],
                other["error"],
                ls=("--", ":", "-.")[place % 3],
                marker=".",
                color=style.GREY,
                label=other["name"],
            )
        for place, result in enumerate(curves):
            points = result["points"]
            axes.errorbar(
                [point["rows"] for point in points],
                [100 * (1 - point["accuracy"]) for point in points],
                [100 * point["standard_error"] for point in points],
                fmt="o-",
                color=COLOURS[place % 4],
                capsize=2,
                label=f"recipe {result['recipe']} ({result['held']:,} rows held out)",
            )
        _logarithmic(axes, "training rows")


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
