"""One look for all figures: readable in print, in grey, and by colour-blind readers."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito 2008, "Color Universal Design": told apart with any of the common colour blindnesses.
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, "#56B4E9", "#000000", "#E69F00")  # all but yellow

SETTINGS: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so it is the same everywhere
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.2,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # whole glyphs: text in the PDF can be searched and copied
    "svg.fonttype": "path",
    "svg.hashsalt": "rosenblatt",  # else its names are drawn at random
    "image.interpolation": "nearest",
}
NO_DATE: dict[str, Any] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}


def ending(path: Path | str) -> str:
    """Return the form of a picture by the end of its name. Raises UserError where it is none."""
    form = Path(path).suffix.lower().removeprefix(".")
    if form not in NO_DATE:
        raise UserError(f"{path}: a picture is written as .pdf, .svg or .png; name it so.")
    return form


@contextmanager
def figure(path: Path | str, width: float, height: float) -> Iterator["Figure"]:
    """Yield a figure of width x height cm that is written to `path` (.pdf, .svg, .png) at the end.

    The same drawing gives the same bytes. Raises UserError: another ending, place not writable.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure  # no pyplot: it would look for a screen

    form = ending(path)
    with rc_context(SETTINGS):
        drawing = Figure(figsize=(width / 2.54, height / 2.54), layout="constrained")
        yield drawing
        content = io.BytesIO()
        drawing.savefig(content, format=form, dpi=200, metadata=NO_DATE[form])
    write_atomic(path, content.getvalue())


def few_shades(image: Any) -> Any:
    """Return an image [H, W, C] in 0..1 in 16 shades a colour: its noise would fill a file."""
    return (image * 15).round() / 15


def bare(axes: "Axes") -> None:
    """Take ticks and frame from axes that show an image."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
