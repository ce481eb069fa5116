"""Names beside the points of a figure, where nothing else is."""

from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

from rosenblatt.report.escape import drawn

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINT = 8  # pixels of a side that a point takes
PLACES = tuple(product((-2, -9, 5, -16, 12, -23, 19, -30), (6, -6)))  # up and aside, in points

FAR = 9  # points above or below, from where on a line leads to the point
LINE = {"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2}


def name_points(axes: "Axes", names: Iterable[tuple[float, float, str, str]], **how: Any) -> None:
    """Write the name of each point (x, y, name, colour) beside it, where nothing else is.

    The scales of the axes no longer change. Where all is taken, names overlap. how: of the text,
    as Matplotlib has it.
    """
    from matplotlib.transforms import Bbox

    names, drawing = sorted(names), axes.figure
    drawing.draw_without_rendering()  # type: ignore[union-attr]  # settles scales and legend
    legend = axes.get_legend()
    taken = [legend.get_window_extent()] if legend else []
    for x, y, *_ in names:
        across, up = axes.transData.transform((x, y))
        taken.append(Bbox.from_bounds(across - POINT / 2, up - POINT / 2, POINT, POINT))
    for x, y, name, colour in names:
        text = axes.annotate(
            drawn(name, 80), (x, y), (0, 0), textcoords="offset points", color=colour,
            **{"fontsize": 7} | how,
        )  # fmt: skip
        for up, aside in PLACES:
            text.set(position=(aside, up), ha="left" if aside > 0 else "right")
            box = text.get_window_extent()
            if not box.count_overlaps(taken) and axes.bbox.x0 < box.x0 < box.x1 < axes.bbox.x1:
                break
        taken.append(box)
        if abs(up) > FAR:
            axes.annotate("", (x, y), (aside, up), textcoords="offset points",
                          arrowprops=LINE | {"color": colour})  # fmt: skip
