"""The kernels of graphs as terms of a recipe."""

from dataclasses import dataclass

from rosenblatt.features.graphs.substructures import Graphlets, ShortestPaths, WeisfeilerLehman
from rosenblatt.features.terms import KernelTerm


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
