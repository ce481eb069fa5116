"""Graphs with labels in plain NumPy: the words that they hold, each a hash of 64 bits."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.export.twins.parts import Part, UnfitError, twin
from rosenblatt.export.twins.words import shared_within, shared_words

ODD = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
HELD = (
    "networkx.classes.graph.Graph",
    "networkx.classes.reportviews.NodeView",
    "builtins.dict",
)


class Held:
    """What stands for whatever a pickle makes: nothing of it is run, its state is kept."""

    def __setstate__(self, state: Any) -> None:
        self.state = state


class GraphReader(pickle.Unpickler):
    """A reader of pickles that makes graphs of networkx, as Held, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" not in HELD:
            raise pickle.UnpicklingError(f"a graph holds a {module}.{name}, which is not made")
        return dict if name == "dict" else Held


@twin("graphs.read")
def read_graphs(part: Part, model: Part, path: Path) -> tuple[Part, None]:
    """Return the graphs of a pickle, one behind another: see features.graphs.compact."""
    nodes, labels, edges, ends = [0], [], [0], []
    try:
        with open(path, "rb") as file:
            graphs = GraphReader(file).load()
        for graph in graphs:
            held, links = graph.state["_node"], graph.state["_adj"]
            places = {name: place for place, name in enumerate(held)}
            labels += [label_of(one) for one in held.values()]
            nodes.append(len(labels))
            for name in held:
                ends += [(places[other], label_of(one)) for other, one in links[name].items()]
                edges.append(len(ends))
    except (pickle.UnpicklingError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnfitError(f"{path}: graph {len(nodes)}: is none of networkx: {error}") from error
    neighbours, edge_labels = np.array(ends, np.int64).reshape(-1, 2).T
    found = {"neighbours": neighbours, "edge_labels": edge_labels}
    found |= {"nodes": np.array(nodes), "labels": np.array(labels), "edges": np.array(edges)}
    return Part("graphs", found), None


def label_of(attributes: dict) -> int:
    """Return the one label among the attributes of a node or an edge; 0 where there are none."""
    only = next(iter(attributes.values()), 0) if len(attributes) < 2 else None
    found = attributes.get("labels", attributes.get("label", only))
    found = found[0] if isinstance(found, list | tuple) and len(found) == 1 else found
    if type(found) is not int or abs(found) >= 2**62:
        raise ValueError(f"its label {found!r} is no whole number")
    return found


def mix(words: np.ndarray) -> np.ndarray:
    """Return other words that look like chance (SplitMix64: Steele, Lea & Flood 2014)."""
    words = words + ODD
    words = (words ^ (words >> np.uint64(30))) * FIRST
    words = (words ^ (words >> np.uint64(27))) * SECOND
    return words ^ (words >> np.uint64(31))


def names_of(graphs: Part) -> tuple[np.ndarray, ...]:
    """Return the graph of each node, its name, the ends of edges among all nodes, edges' names."""
    owner = np.repeat(np.arange(len(graphs.nodes) - 1), np.diff(graphs.nodes))
    ends = graphs.neighbours + np.repeat(graphs.nodes[owner], np.diff(graphs.edges))
    names = mix(graphs.labels.astype(np.uint64))
    return owner, names, ends, mix(graphs.edge_labels.astype(np.uint64))


@twin("features.graphs.substructures.WeisfeilerLehman")
def weisfeiler_lehman(part: Part, x: Part, y: Part | None = None) -> np.ndarray:
    """Return the shared neighbourhoods of nodes after rounds of refinement (Shervashidze 2011)."""
    return compared_graphs(lambda graphs: neighbourhoods(graphs, part.rounds), x, y)


def neighbourhoods(graphs: Part, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Return owners and words: each node's name, then of it with its neighbours' names, ..."""
    owner, names, ends, edge_names = names_of(graphs)
    found = [names]
    for _ in range(rounds):
        sums = np.concatenate([[0], mix(found[-1][ends] ^ mix(edge_names))]).astype(np.uint64)
        sums = np.cumsum(sums)  # beyond 64 bits the differences are right all the same
        around = sums[graphs.edges[1:]] - sums[graphs.edges[:-1]]
        found.append(mix(mix(found[-1]) + around))
    return np.tile(owner, len(found)), np.concatenate(found)


@twin("features.graphs.substructures.ShortestPaths")
def shortest_paths(part: Part, x: Part, y: Part | None = None) -> np.ndarray:
    """Return the shared pairs of nodes, so many edges apart (Borgwardt & Kriegel 2005)."""
    return compared_graphs(paths, x, y)


def paths(graphs: Part) -> tuple[np.ndarray, np.ndarray]:
    """Return owners and words: two nodes' names and the least number of edges between them."""
    _, names, ends, _ = names_of(graphs)
    owners, words = [], []
    for number, (start, end) in enumerate(zip(graphs.nodes[:-1], graphs.nodes[1:], strict=True)):
        degrees = np.diff(graphs.edges[start : end + 1])
        linked = np.zeros((end - start, end - start), np.float32)
        own = ends[graphs.edges[start] : graphs.edges[end]] - start
        linked[np.repeat(np.arange(end - start), degrees), own] = 1
        reached, length = np.eye(end - start, dtype=bool), 0
        newest = reached
        while newest.any():
            one, two = np.nonzero(np.triu(newest, 1))
            both = mix(names[start + one]) + mix(names[start + two])
            words.append(mix(both + mix(np.full(len(one), length, np.uint64))))
            owners.append(np.full(len(one), number))
            newest, length = (newest.astype(np.float32) @ linked > 0) & ~reached, length + 1
            reached = reached | newest
    return np.concatenate(owners), np.concatenate(words)


@twin("features.graphs.substructures.Graphlets")
def graphlets(part: Part, x: Part, y: Part | None = None) -> np.ndarray:
    """Return the shared paths and triangles of three nodes (Shervashidze et al. 2009)."""
    return compared_graphs(triples, x, y)


def triples(graphs: Part) -> tuple[np.ndarray, np.ndarray]:
    """Return owners and words of each node with two of its neighbours."""
    owner, names, ends, edge_names = names_of(graphs)
    node = np.repeat(np.arange(len(owner)), np.diff(graphs.edges))
    starts = enumerate(graphs.edges[node + 1] - 1)
    pairs = [(one, two) for one, last in starts for two in range(one + 1, last + 1)]
    one, two = np.array(pairs, np.int64).reshape(-1, 2).T
    middle, first, second = node[one], ends[one], ends[two]
    closed = np.isin(first * len(owner) + second, node * len(owner) + ends)
    triangle = mix(names[first]) + mix(names[second]) + mix(names[middle])
    branches = mix(names[first] ^ mix(edge_names[one])) + mix(names[second] ^ mix(edge_names[two]))
    path = mix(names[middle] + np.uint64(1)) + branches
    words = mix(np.where(closed, triangle + np.uint64(2), path))
    plain = (first != middle) & (second != middle)  # no loop
    return owner[middle][plain], words[plain]


def compared_graphs(words_of: Any, x: Part, y: Part | None) -> np.ndarray:
    """Return the words that graphs share: all pairs, or each one's with itself."""
    own, count = words_of(x), len(x.nodes) - 1
    if y is None:
        return shared_within(own, own, count)
    return shared_words(own, words_of(y), (count, len(y.nodes) - 1))
