"""Words of graphs, and how many two graphs share, against words that are spelled out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.features.graphs.compact import Graphs
from rosenblatt.features.graphs.substructures import Graphlets, ShortestPaths, WeisfeilerLehman
from rosenblatt.kernels.similarity import graphs as kernels
from tests.reference.similarity import graphs as reference

TWINS = {
    WeisfeilerLehman(0): lambda graph: reference.weisfeiler_lehman(graph, 0),
    WeisfeilerLehman(2): lambda graph: reference.weisfeiler_lehman(graph, 2),
    ShortestPaths(): reference.shortest_paths,
    Graphlets(): reference.graphlets,
}


def some(count, seed, most=8):
    """Return graphs as the twin takes them: no node, one node and parts that hang apart too."""
    rng = np.random.default_rng(seed)
    found = []
    for size in rng.integers(1, most, count).tolist():
        edges = {}
        for a in range(size):
            for b in range(a):
                if rng.random() < 0.4:
                    edges[a, b] = edges[b, a] = int(rng.integers(0, 3))
        found.append((rng.integers(0, 3, size).tolist(), edges))
    return found


def compact(graphs, order=sorted):
    labels = [label for own, _ in graphs for label in own]
    ends = [order(pair for pair in edges if pair[0] == v) for own, edges in graphs
            for v in range(len(own))]  # fmt: skip
    owners = [edges for own, edges in graphs for _ in own]
    pairs = [(edges, pair) for edges, of_node in zip(owners, ends, strict=True) for pair in of_node]
    return Graphs(
        np.cumsum([0, *(len(own) for own, _ in graphs)]),
        np.array(labels, np.int64),
        np.cumsum([0, *map(len, ends)]),
        np.array([b for _, (_, b) in pairs], np.int64),
        np.array([edges[pair] for edges, pair in pairs], np.int64),
    )


@pytest.mark.parametrize("kernel", TWINS, ids=repr)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_shared_words_are_those_spelled_out(kernel, seed):
    x, y = some(6, seed), some(4, seed + 1)
    words = [[TWINS[kernel](graph) for graph in graphs] for graphs in (x, y)]
    expected = [[reference.shared(one, other) for other in words[1]] for one in words[0]]
    gram = kernel(compact(x), compact(y))
    np.testing.assert_array_equal(gram, expected)
    own = kernel(compact(x))
    np.testing.assert_array_equal(own, kernel(compact(x), compact(x)))
    np.testing.assert_array_equal(own.diagonal(), kernel.diagonal(compact(x)))
    backwards = compact(x, lambda pairs: sorted(pairs, reverse=True))
    np.testing.assert_array_equal(kernel(backwards, compact(y)), gram)


@pytest.mark.parametrize("kernel", TWINS, ids=repr)
def test_nodes_have_no_order(kernel):
    rng = np.random.default_rng(0)
    graphs = some(8, 1)
    turned = []
    for labels, edges in graphs:
        place = rng.permutation(len(labels)).tolist()
        moved = {(place[a], place[b]): label for (a, b), label in edges.items()}
        turned.append(([labels[place.index(v)] for v in range(len(labels))], moved))
    np.testing.assert_array_equal(kernel(compact(turned), compact(graphs)), kernel(compact(graphs)))


def test_a_table_of_counts_gives_the_same_products():
    kernel = WeisfeilerLehman(2)
    x, y = compact(some(6, 2)), compact(some(4, 3))
    vocabulary = np.unique(kernel.counts(x).items)
    tables = kernel.table(x, vocabulary), kernel.table(y, vocabulary)
    np.testing.assert_array_equal(tables[1] @ tables[0].T, kernel(y, x))


def test_labels_of_edges_count():
    first, second = ([0, 0], {(0, 1): 0, (1, 0): 0}), ([0, 0], {(0, 1): 1, (1, 0): 1})
    assert WeisfeilerLehman(0)(compact([first]), compact([second])) == 4
    assert WeisfeilerLehman(1)(compact([first]), compact([second])) == 4
    assert WeisfeilerLehman(1)(compact([first])) == 8


def test_what_is_no_graph_is_refused():
    with pytest.raises(UserError, match="graphs belong"):
        ShortestPaths()(np.zeros((3, 4)))
    with pytest.raises(UserError, match="rounds"):
        WeisfeilerLehman(-1)


def test_a_loop_is_no_graphlet():
    loop = Graphs(*(np.array(x) for x in ([0, 2], [0, 0], [0, 2, 3], [0, 1, 0], [0, 0, 0])))
    assert Graphlets()(loop) == 0


def test_names_look_like_chance():
    names = np.empty(1 << 16, np.uint64)
    kernels.name_labels(np.arange(1 << 16), names)
    assert len(np.unique(names)) == len(names)
    ones = [int((names >> np.uint64(bit) & np.uint64(1)).sum()) for bit in range(64)]
    assert max(abs(count - (1 << 15)) for count in ones) < 6 * 128  # standard deviations
