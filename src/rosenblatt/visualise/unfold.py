"""A recurrent network unfolded in time: a column a step, a row a layer, an arrow a dependence."""

from typing import TYPE_CHECKING, NamedTuple

from rosenblatt.errors import UserError
from rosenblatt.layers import Bidirectional, Dense, Module, OutputFeedback, RepeatSteps, Stack
from rosenblatt.layers.recurrent import Recurrent
from rosenblatt.ranges import Whole, check_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place = tuple[int, int]  # the step, the row


class Graph(NamedTuple):
    """The nodes of an unfolded network, each with its label, and its arrows."""

    nodes: dict[Place, str]
    edges: list[tuple[Place, Place]]


def unfold(network: Module, steps: int) -> Graph:
    """Return the graph of a network over so many steps, inputs in row 0.

    Known are recurrent layers, Bidirectional, Dense, RepeatSteps, OutputFeedback, and a Stack of
    such. Raises UserError for others.
    """
    check_value("steps", steps, Whole(1, 1000))
    graph = Graph({(t, 0): "x" for t in range(steps)}, [])
    if isinstance(network, OutputFeedback):
        _feed_back(graph, steps)
        return graph
    row = 0
    for layer in network.layers if isinstance(network, Stack) else [network]:
        row = _add(graph, layer, row, steps)
    return graph


def _row(graph: Graph, row: int) -> list[int]:
    return [t for t, r in graph.nodes if r == row]


def _link(graph: Graph, below: int, row: int) -> None:
    """Draw an arrow up at every step that both rows have."""
    common = set(_row(graph, below)) & set(_row(graph, row))
    graph.edges.extend(((t, below), (t, row)) for t in sorted(common))


def _add(graph: Graph, layer: Module, below: int, steps: int) -> int:
    """Add a layer above row `below` and return the row of its outputs."""
    row = max(r for _, r in graph.nodes) + 1
    if isinstance(layer, RepeatSteps):  # the one input goes to every step
        for t in range(1, steps):
            del graph.nodes[(t, below)]
        graph.nodes.update({(t, row): "" for t in range(steps)})
        graph.edges.extend(((0, below), (t, row)) for t in range(steps))
        return row
    if isinstance(layer, Dense):
        graph.nodes.update({(t, row): "y" for t in _row(graph, below)})
        _link(graph, below, row)
        return row
    if isinstance(layer, Recurrent):
        return _add_direction(graph, layer, below, row, steps)
    if isinstance(layer, Bidirectional):
        first = _add_direction(graph, layer.first, below, row, steps)
        second = _add_direction(graph, layer.second, below, row + 1, steps)
        graph.nodes.update({(t, row + 2): "" for t in range(steps)})
        _link(graph, first, row + 2)
        _link(graph, second, row + 2)
        return row + 2
    raise UserError(f"cannot unfold a {type(layer).__name__}.")


def _add_direction(graph: Graph, layer: Recurrent, below: int, row: int, steps: int) -> int:
    graph.nodes.update({(t, row): "h" for t in range(steps)})
    _link(graph, below, row)
    for t in range(steps - 1):
        ends = ((t, row), (t + 1, row))
        graph.edges.append(ends[::-1] if layer.reverse else ends)
    if layer.output == "sequence":
        return row
    last = 0 if layer.reverse else steps - 1
    graph.nodes[(last, row + 1)] = ""  # many to one: what is above sees one step alone
    graph.edges.append(((last, row), (last, row + 1)))
    return row + 1


def _feed_back(graph: Graph, steps: int) -> None:
    for t in range(1, steps):
        del graph.nodes[(t, 0)]
    for t in range(steps):
        graph.nodes.update({(t, 1): "h", (t, 2): "y"})
        graph.edges.append(((t, 1), (t, 2)))
        graph.edges.append(((0, 0), (0, 1)) if t == 0 else ((t - 1, 1), (t, 1)))
        if t > 0:
            graph.edges.append(((t - 1, 2), (t, 1)))


def draw(graph: Graph, axes: "Axes", color: str) -> None:
    """Draw an unfolded network: inputs at the bottom, time to the right."""
    for start, end in graph.edges:
        apart = abs(start[1] - end[1]) > 1
        axes.annotate(
            "", end, start, zorder=1,
            arrowprops={
                "arrowstyle": "-|>", "color": "0.35", "linewidth": 0.7, "shrinkA": 7, "shrinkB": 7,
                "connectionstyle": "arc3,rad=0.35" if apart else "arc3",
            },
        )  # fmt: skip
    for (t, row), label in graph.nodes.items():
        filled = label == "h"
        axes.scatter(t, row, s=150 if label else 12, zorder=2, linewidths=0.8,
                     color=color if filled or not label else "white", edgecolors=color)  # fmt: skip
        text = f"${label}_{{{t + 1}}}$" if label else ""
        axes.text(t, row, text, ha="center", va="center", zorder=3, fontsize=7,
                  color="white" if filled else "black")  # fmt: skip
    rows = [row for _, row in graph.nodes]
    axes.set(xlim=(-0.6, max(t for t, _ in graph.nodes) + 0.6), ylim=(-0.6, max(rows) + 0.6))
    axes.axis("off")
