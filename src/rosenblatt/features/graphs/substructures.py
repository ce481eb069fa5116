"""Kernels of graphs: how many substructures they share, each a part of a graph with its labels.

The terms of a recipe stand at the end.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.features.gram import Kernel
from rosenblatt.features.graphs.compact import Graphs
from rosenblatt.features.terms import KernelTerm
from rosenblatt.kernels.similarity import graphs as kernels
from rosenblatt.kernels.similarity.graphs import Runs
from rosenblatt.ranges import Range, Whole, check_settings


class WordKernel(Kernel):
    """k(x, y) = sum over words of how often x has it times how often y has it."""

    def words(self, graphs: Graphs) -> tuple[np.ndarray, np.ndarray]:
        """Return the graph [W] and the name [W] uint64 of each word in N graphs."""
        raise NotImplementedError

    def counts(self, graphs: Any) -> Runs:
        """Return the different words of each graph, and how often it has each."""
        if not isinstance(graphs, Graphs):
            raise UserError(f"a {type(graphs).__name__} where graphs belong; give Graphs.")
        owner, name = self.words(graphs)
        owner, name = owner[name != 0], name[name != 0]
        order = np.lexsort((name, owner))
        owner, name = owner[order], name[order]
        new = np.ones(len(name), bool)
        new[1:] = (owner[1:] != owner[:-1]) | (name[1:] != name[:-1])
        first = np.flatnonzero(new)
        starts = np.searchsorted(owner[first], np.arange(len(graphs) + 1))
        return Runs(starts, name[first], np.diff(first, append=len(name)))

    def table(self, graphs: Any, vocabulary: np.ndarray) -> np.ndarray:
        """Return how often each of N graphs has each of D words that rise, [N, D] float32."""
        starts, words, times = self.counts(graphs)
        place = _places(vocabulary, words)
        known = place < len(vocabulary)
        out = np.zeros((len(graphs), len(vocabulary)), np.float32)
        rows = np.repeat(np.arange(len(graphs)), np.diff(starts))
        out[rows[known], place[known]] = times[known]
        return out

    def __call__(self, x: Any, y: Any = None) -> np.ndarray:
        own = self.counts(x)
        other = own if y is None else self.counts(y)
        known, place = np.unique(other.items, return_inverse=True)
        order = np.argsort(place, kind="stable")
        samples = np.repeat(np.arange(len(other.starts) - 1), np.diff(other.starts))
        first = np.searchsorted(place[order], np.arange(len(known) + 2))
        words = _places(known, own.items)
        out = np.zeros((len(own.starts) - 1, len(other.starts) - 1), np.int64)
        holders = Runs(first, samples[order], other.times[order])
        kernels.shared_counts(Runs(own.starts, words, own.times), holders, out)
        return out.astype(np.float32)

    def diagonal(self, x: Any) -> np.ndarray:
        starts, _, times = self.counts(x)
        squares = np.concatenate([[0], np.cumsum(times**2)])
        return np.diff(squares[starts]).astype(np.float32)


@dataclass(frozen=True)
class WeisfeilerLehman(WordKernel):
    """Words: each node's neighbourhood after 0, 1, ... rounds, with labels of nodes and edges.

    Shervashidze et al. 2011, "Weisfeiler-Lehman graph kernels", definition 5; of 0 rounds, the
    histogram of nodes' labels. Raises UserError where `rounds` is out of range.
    """

    rounds: int = 3

    settings: ClassVar[dict[str, Range]] = {"rounds": Whole(0, 20)}

    def __post_init__(self) -> None:
        check_settings(self)

    def words(self, graphs: Graphs) -> tuple[np.ndarray, np.ndarray]:
        parts = _Parts.of(graphs)
        found = [parts.names]
        for _ in range(self.rounds):
            found.append(np.empty_like(parts.names))
            kernels.refine(graphs.edges, parts.ends, parts.edge_names, found[-2], found[-1])
        return np.tile(parts.owner, len(found)), np.concatenate(found)


@dataclass(frozen=True)
class ShortestPaths(WordKernel):
    """Words: two nodes' labels and the least number of edges between them (Borgwardt 2005)."""

    def words(self, graphs: Graphs) -> tuple[np.ndarray, np.ndarray]:
        parts = _Parts.of(graphs)
        sizes = np.diff(graphs.nodes)
        starts = np.concatenate([[0], np.cumsum(sizes * (sizes - 1) // 2)])
        out = np.empty(starts[-1], np.uint64)
        kernels.shortest_paths(graphs.nodes, graphs.edges, parts.ends, parts.names, starts, out)
        return np.repeat(np.arange(len(graphs)), np.diff(starts)), out


@dataclass(frozen=True)
class Graphlets(WordKernel):
    """Words: paths and triangles of three nodes, with labels (Shervashidze et al. 2009)."""

    def words(self, graphs: Graphs) -> tuple[np.ndarray, np.ndarray]:
        parts = _Parts.of(graphs)
        degrees = np.diff(graphs.edges)
        pairs = degrees * (degrees - 1) // 2
        out = np.empty(pairs.sum(), np.uint64)
        kernels.graphlets(graphs.edges, parts.ends, parts.edge_names, parts.names, out)
        return np.repeat(parts.owner, pairs), out


def _places(known: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Return the place of each word among those known, which rise; their number if it is none."""
    place = np.searchsorted(known, words)
    return np.where(np.append(known, 0)[place] == words, place, len(known))


class _Parts(NamedTuple):
    """owner [V]: each node's graph; names of nodes and edges; ends: neighbours among all nodes."""

    owner: np.ndarray
    names: np.ndarray
    ends: np.ndarray
    edge_names: np.ndarray

    @classmethod
    def of(cls, graphs: Graphs) -> "_Parts":
        owner = np.repeat(np.arange(len(graphs)), np.diff(graphs.nodes))
        ends = graphs.neighbours + np.repeat(graphs.nodes[owner], np.diff(graphs.edges))
        names, edge_names = (np.empty(len(x), np.uint64) for x in (owner, ends))
        kernels.name_labels(graphs.labels, names)
        kernels.name_labels(graphs.edge_labels, edge_names)
        return cls(owner, names, ends, edge_names)


@dataclass(frozen=True)
class WeisfeilerLehmanTerm(WeisfeilerLehman, KernelTerm):
    """Neighbourhoods of nodes, of 0 rounds the histogram of labels."""

    kind: str = "weisfeiler_lehman"
    takes = ("graphs",)


@dataclass(frozen=True)
class ShortestPathsTerm(ShortestPaths, KernelTerm):
    """Pairs of nodes and how far apart they are."""

    kind: str = "shortest_paths"
    takes = ("graphs",)


@dataclass(frozen=True)
class GraphletsTerm(Graphlets, KernelTerm):
    """Paths and triangles of three nodes."""

    kind: str = "graphlets"
    takes = ("graphs",)
