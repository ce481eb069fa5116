"""The receptive field of a unit: the pixels of the image that can change its value.

Backward through the layers, the rows [first, last) of an output see of the input the rows from
first stride - padding to (last - 1) stride - padding + kernel (Dumoulin & Visin 2016, section 2).
So fields grow by kernel - 1 a layer, linearly, in steps that each sub-sampling multiplies:
exponentially.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rosenblatt.errors import UserError
from rosenblatt.layers import Layer, Module
from rosenblatt.layers.upsampling import Enlarging
from rosenblatt.layers.windows import Axis, Windowed
from rosenblatt.ranges import NONE, Each, Either, Whole, check_value
from rosenblatt.tape import Node
from rosenblatt.visualise.inside import blank, node, recorded

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Field(NamedTuple):
    """Rows [top, bottom) and columns [left, right) of the image; padding may lie outside of it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """Return height and width in pixels."""
        return self.bottom - self.top, self.right - self.left


def receptive_field(
    network: Module, shape: tuple[int, ...], layer: int, place: tuple[int, ...] | None = None
) -> Field:
    """Return what a unit sees of images of `shape` (H, W, C).

    layer is its number in the order in which layers run; place its row and column, by default the
    middle of the layer's map, () where it has none. Raises UserError: no such layer or place.
    """
    check_value("place", place, Either(NONE, Each(Whole(0, 1_000_000), 0, 3)))
    with recorded(network, blank(shape)) as (tape, x):
        run = node(tape, layer)
        sides = run.output.value.shape[1:-1]
        at = place if place is not None else tuple(side // 2 for side in sides)
        if len(at) != len(sides) or not all(0 <= i < n for i, n in zip(at, sides, strict=True)):
            raise UserError(f"the layer has units at {sides}, none at {at}.")
        seen: dict[int, Spans] = {id(run.output): tuple((i, i + 1) for i in at)}
        for one in reversed(tape.nodes):
            if id(one.output) in seen:
                _pass_on(one, seen)
        (top, bottom), (left, right) = seen[id(x)]
        return Field(top, left, bottom, right)


Spans = tuple[tuple[int, int], ...]
NO_BORDER = (0, 0)


def _pass_on(run: Node, seen: dict[int, Spans]) -> None:
    """Widen what is seen of the inputs of a layer by what its seen outputs see."""
    for number, x in enumerate(run.inputs):
        spans = seen_by(run.layer, seen[id(run.output)], x.value.shape[1:-1], number)
        if id(x) in seen:
            pairs = zip(spans, seen[id(x)], strict=True)
            spans = tuple((min(a, c), max(b, d)) for (a, b), (c, d) in pairs)
        seen[id(x)] = spans


def seen_by(layer: object, spans: Spans, sides: tuple[int, ...], number: int = 0) -> Spans:
    """Return which rows and columns of input `number`, of `sides`, are seen by the output's."""
    assert isinstance(layer, Layer)
    windows = layer.windows
    if windows is None or len(spans) != len(sides):  # dense, or flattened
        return tuple((0, side) for side in sides)
    if isinstance(layer, Enlarging):
        seen = _enlarged(spans, layer.axes)
        # What was pooled decides which pixel of its window a number goes to.
        pooled = [(axis.extent, axis.stride) for axis in layer.axes]
        return seen if number == 0 else _windows(seen, pooled, NO_BORDER)
    if isinstance(layer, Windowed):
        borders = [axis.before for axis in layer.axes]
    else:
        borders = [getattr(layer, "border", 0)] * 2
    return _windows(spans, windows, borders)


def _windows(spans: Spans, windows: Any, borders: Sequence[int]) -> Spans:
    """Return what windows (size, stride) see; `borders` are the padding before them."""
    return tuple(
        (first * stride - border, (last - 1) * stride - border + size)
        for (first, last), (size, stride), border in zip(
            spans, windows[-len(spans) :], borders[-len(spans) :], strict=True
        )
    )


def _enlarged(spans: Spans, axes: tuple[Axis, Axis]) -> Spans:
    """Return which windows see some of the pixels of spans."""
    return tuple(
        (
            -(-(first + axis.before - axis.extent + 1) // axis.stride),
            (last - 1 + axis.before) // axis.stride + 1,
        )
        for (first, last), axis in zip(spans, axes, strict=True)
    )


def outline(axes: "Axes", field: Field, color: str, label: str | None = None) -> None:
    """Draw a field's border over an image."""
    from matplotlib.patches import Rectangle

    height, width = field.size
    corner = (field.left - 0.5, field.top - 0.5)
    axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=color, label=label))
