"""A sheet of the columns of a table: distributions by class, or against the value asked for."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.target import Classes
from rosenblatt.report.escape import drawn
from rosenblatt.report.style import BLUE, COLOURS, figure

COLUMNS = 24  # shown at most
ACROSS = 4
BINS, LEVELS, CLASSES, POINTS = 20, 10, 6, 1000


def write_columns(path: Path | str, challenge: Challenge) -> None:
    """Draw up to 24 columns of training rows, text left out, whole or not at all.

    Classes: the share of each bin or level among the rows of each of up to 6 classes. Values: up to
    1,000 rows, spread evenly over the file, and the mean of each level. Raises UserError as figure.
    """
    names = [name for name, column in challenge.train.items() if _drawable(column)][:COLUMNS]
    down = max(1, -(-len(names) // ACROSS))
    with figure(path, 18, 0.6 + 3.4 * down) as drawing:
        panels = drawing.subplots(down, ACROSS, squeeze=False).reshape(-1)
        for axes, name in zip(panels, names, strict=False):
            axes.set_title(drawn(str(name), 30), fontsize="small")
            axes.tick_params(labelsize="x-small")
            if isinstance(challenge.target, Classes):
                _by_class(axes, challenge.train[name], challenge.target)
            else:
                _against(axes, challenge.train[name], challenge.target.values[:, 0])
        for axes in panels[len(names) :]:
            axes.set_axis_off()
        if not isinstance(challenge.target, Classes):
            drawing.supylabel(drawn(challenge.target.names[0]), fontsize="medium")
        elif names:
            drawing.supylabel("share of a class's rows", fontsize="medium")
            handles, labels = panels[0].get_legend_handles_labels()
            drawing.legend(handles, labels, loc="outside lower center", ncols=CLASSES)


def _drawable(column) -> bool:  # type: ignore[no-untyped-def]
    return column.dtype.kind in "fM" or hasattr(column.dtype, "categories")


def _places(column) -> tuple[np.ndarray, list[str]]:  # type: ignore[no-untyped-def]
    """Return for each row a place on the axis, -1 where missing, and the names of the places."""
    if hasattr(column.dtype, "categories"):
        codes = column.cat.codes.to_numpy().astype(int)
        levels = [str(level).removesuffix(".0") for level in column.cat.categories]
        first = np.arange(len(levels))
        if len(levels) > LEVELS:
            counts = np.bincount(codes[codes >= 0], minlength=len(levels))
            first = np.sort(np.argsort(-counts, kind="stable")[:LEVELS])
        place = np.full(len(levels) + 1, -1)
        place[first] = np.arange(len(first))
        return place[codes], [levels[index] for index in first]
    numbers = _numbers(column)
    known = numbers[~np.isnan(numbers)]
    low, high = np.quantile(known, [0.01, 0.99]) if len(known) else (0.0, 1.0)
    step = (high - low) / BINS or 1.0
    places = np.clip(np.floor((np.nan_to_num(numbers) - low) / step), 0, BINS - 1).astype(int)
    names = [f"{low + step * place:.4g}" for place in range(BINS)]
    return np.where(np.isnan(numbers), -1, places), names


def _numbers(column) -> np.ndarray:  # type: ignore[no-untyped-def]
    if column.dtype.kind == "f":
        return column.to_numpy()
    return np.where(column.isna(), np.nan, column.to_numpy().astype("datetime64[D]").astype(float))


def _by_class(axes, column, target: Classes) -> None:  # type: ignore[no-untyped-def]
    places, names = _places(column)
    for k, name in enumerate(target.names[:CLASSES]):
        rows = places[(target.labels == k) & (places >= 0)]
        counts = np.bincount(rows, minlength=len(names)) / max(1, len(rows))
        axes.step(
            np.arange(len(names)), counts, where="mid", color=COLOURS[k], label=drawn(name, 20)
        )
    _name_places(axes, names)


def _against(axes, column, values: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    places, names = _places(column)
    shown = np.linspace(0, len(values) - 1, min(POINTS, len(values))).astype(int)
    shown = shown[places[shown] >= 0]
    axes.plot(places[shown], values[shown], ".", markersize=1.5, color="0.7")
    means = [values[places == place].mean() if (places == place).any() else np.nan
             for place in range(len(names))]  # fmt: skip
    axes.plot(np.arange(len(names)), means, color=BLUE)
    _name_places(axes, names)


def _name_places(axes, names: list[str]) -> None:  # type: ignore[no-untyped-def]
    step = max(1, len(names) // 5)
    shown = [drawn(name, 8) for name in names[::step]]
    axes.set_xticks(range(0, len(names), step), shown, rotation=30)
