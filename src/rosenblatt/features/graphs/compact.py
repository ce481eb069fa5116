"""Graphs with labels of nodes and edges, many in a few compact arrays."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.kept import Kept


@dataclass(frozen=True, eq=False)
class Graphs(Kept):
    """N undirected graphs of V nodes and E edges in all; graphs[rows] are some of them.

    nodes [N + 1]: graph g has the nodes nodes[g] to nodes[g + 1]; labels [V], of nodes.
    edges [V + 1]: node v has the neighbours edges[v] to edges[v + 1]; neighbours [2 E]: each one's
    place within its graph; edge_labels [2 E]. All int64.
    """

    nodes: np.ndarray
    labels: np.ndarray
    edges: np.ndarray
    neighbours: np.ndarray
    edge_labels: np.ndarray

    axes: ClassVar = {
        "nodes": "int64 G",
        "labels": "int64 V",
        "edges": "int64 E",
        "neighbours": "int64 M",
        "edge_labels": "int64 M",
    }

    def __len__(self) -> int:
        return len(self.nodes) - 1

    @property
    def shape(self) -> tuple[int]:
        return (len(self),)

    def sizes(self) -> dict[str, np.ndarray]:
        """Return how many nodes and edges each graph has, [N] each."""
        ends = np.diff(self.edges[self.nodes])
        return {"nodes": np.diff(self.nodes), "edges": (ends + self.loops()) // 2}

    def loops(self) -> np.ndarray:
        """Return how many edges of each graph lead from a node to itself, [N]."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.nodes))
        node = np.repeat(np.arange(len(self.labels)), np.diff(self.edges))
        found = self.neighbours + self.nodes[owner[node]] == node
        return np.bincount(owner[node[found]], minlength=len(self))

    def __getitem__(self, rows: Any) -> "Graphs":
        rows = np.atleast_1d(np.arange(len(self))[rows])
        nodes, of_nodes = _some(self.nodes, rows)
        edges, of_edges = _some(self.edges, of_nodes)
        return Graphs(
            nodes, self.labels[of_nodes], edges, self.neighbours[of_edges],
            self.edge_labels[of_edges],
        )  # fmt: skip

    def __add__(self, other: "Graphs") -> "Graphs":
        return Graphs(
            np.concatenate([self.nodes, self.nodes[-1] + other.nodes[1:]]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.edges, self.edges[-1] + other.edges[1:]]),
            np.concatenate([self.neighbours, other.neighbours]),
            np.concatenate([self.edge_labels, other.edge_labels]),
        )


def _some(starts: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the starts of some runs, left alone, and the places of what was in them."""
    sizes = np.diff(starts)[rows]
    left = np.concatenate([[0], np.cumsum(sizes)])
    return left, np.repeat(starts[rows] - left[:-1], sizes) + np.arange(left[-1])
