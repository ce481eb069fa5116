"""A network told as a table: what each layer gives, costs and sees."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.layers import Layer
from rosenblatt.tape import Node, Tape, Variable

if TYPE_CHECKING:
    from rosenblatt.train.network import Network


@dataclass(frozen=True)
class Row:
    """One layer: its output's shape, trained numbers, multiply-adds of a sample, and field.

    field is (size, step) in input pixels: what one output sees, and how far apart neighbours lie,
    or two of them where rows and columns differ; None where it sees everything.
    """

    layer: str
    output: tuple[int, ...]
    parameters: int
    multiply_adds: int
    field: Any


def rows(network: "Network") -> list[Row]:
    """Return one row a layer, in the order in which an input of zeros runs through them."""
    with Tape(train=False) as tape:
        x = Variable(np.zeros((1, *network.input_shape), network.dtype), needs_gradient=True)
        network(x)
        fields: dict[int, Any] = {id(x): ((1, 1), (1, 1))}
        counted: set[int] = set()
        result = []
        for node in tape.nodes:
            fields[id(node.output)] = _field(node, fields)
            result.append(_row(node, fields[id(node.output)], counted))
        return result


def _row(node: Node, fields: Any, counted: set[int]) -> Row:
    layer = node.layer
    assert isinstance(layer, Layer)
    parameters = [p for p in layer.parameters().values() if id(p) not in counted]
    counted.update(map(id, parameters))  # a shared weight is counted where it is used first
    shapes = tuple(x.shape[1:] for x in node.inputs)
    return Row(
        type(layer).__name__,
        node.output.shape[1:],
        sum(p.value.size for p in parameters),
        layer.multiply_adds(shapes[0] if len(shapes) == 1 else shapes),
        fields[0] if fields and fields[0] == fields[1] else fields,
    )


def _field(node: Node, fields: dict) -> Any:
    """Return what an output sees of rows and of columns (Dumoulin & Visin 2016, section 2).

    That is size + (kernel - 1) step, and step stride.
    """
    assert isinstance(node.layer, Layer)
    windows = node.layer.windows
    seen = [fields.get(id(x), ((1, 1), (1, 1))) for x in node.inputs]
    if windows is None or None in seen:
        return None
    largest = map(max, zip(*seen, strict=True))
    return tuple(
        (size + (window - 1) * step, step * stride)
        for (size, step), (window, stride) in zip(largest, windows, strict=True)
    )


def _told(field: Any) -> str:
    """Return a field in words: what an output sees, every so many pixels."""
    if field is None:
        return "all"
    if isinstance(field[0], tuple):
        return " every ".join(" x ".join(map(str, pair)) for pair in zip(*field, strict=True))
    return f"{field[0]} every {field[1]}"


def summary(network: "Network") -> str:
    """Return the table as text, with totals and the memory that the last step took."""
    table = [("layer", "output", "parameters", "multiply-adds", "receptive field")]
    layers = rows(network)
    for row in layers:
        shape = " x ".join(map(str, row.output))
        table.append(
            (row.layer, shape, f"{row.parameters:,}", f"{row.multiply_adds:,}", _told(row.field))
        )
    parameters, work = sum(r.parameters for r in layers), sum(r.multiply_adds for r in layers)
    table.append(("total", "", f"{parameters:,}", f"{work:,}", ""))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        f"{line[0]:<{widths[0]}}  {line[1]:<{widths[1]}}  {line[2]:>{widths[2]}}  "
        f"{line[3]:>{widths[3]}}  {line[4]:>{widths[4]}}".rstrip()
        for line in table
    ]
    rule = "-" * max(map(len, lines))
    memory = f"memory of activations and gradients so far: {network.arena.bytes / 1e6:,.1f} MB"
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1], memory])
