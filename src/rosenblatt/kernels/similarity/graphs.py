"""Words of graphs: neighbourhoods, shortest paths and graphlets, each a 64-bit name.

Graphs lie one behind another: node v has the `neighbours` edges[v] to edges[v + 1], places among
all nodes, by edges with names of their own. A name is a hash, so that the same thing has the same
name in any graph, whatever its nodes' order; of a million different things two share a name with a
chance of 1 in 37 million. 0 names nothing.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import inlined_kernel, kernel, parallel_kernel

U64 = np.uint64
ODD, FIRST, SECOND = U64(0x9E3779B97F4A7C15), U64(0xBF58476D1CE4E5B9), U64(0x94D049BB133111EB)
PATH, TRIANGLE = U64(1), U64(2)
S27, S30, S31 = U64(27), U64(30), U64(31)


class Runs(NamedTuple):
    """Run n has items[starts[n]] to items[starts[n + 1]], each so many times; all int64.

    Of samples: the words that they hold, uint64 or places of words; of words: who holds them.
    """

    starts: np.ndarray
    items: np.ndarray
    times: np.ndarray


@inlined_kernel
def mix(x):
    """Return another name that looks like chance (SplitMix64: Steele, Lea & Flood 2014)."""
    x = x + ODD
    x = (x ^ (x >> S30)) * FIRST
    x = (x ^ (x >> S27)) * SECOND
    return x ^ (x >> S31)


@kernel
def name_labels(labels, out):
    """Write the names of labels, whole numbers [V], to out [V] uint64."""
    for v in range(labels.size):
        out[v] = mix(U64(labels[v]))


@kernel
def refine(edges, neighbours, edge_names, names, out):
    """Write a name of each node's own and its neighbours' names and edges to out [V].

    One round of Weisfeiler & Lehman's. The sum is that of a multiset: no order enters it.
    """
    for v in range(names.size):
        around = U64(0)
        for e in range(edges[v], edges[v + 1]):
            around += mix(names[neighbours[e]] ^ mix(edge_names[e]))
        out[v] = mix(mix(names[v]) + around)


@kernel
def graphlets(edges, neighbours, edge_names, names, out):
    """Write a name of each connected triple of nodes to out, one for each pair of neighbours.

    out [sum over nodes of d (d - 1) / 2]. A path has the names of its middle and of the edges and
    ends; a triangle, which is met at each of its nodes, those of its nodes. 0: one is a loop.
    """
    place = 0
    for v in range(names.size):
        for e in range(edges[v], edges[v + 1]):
            for f in range(e + 1, edges[v + 1]):
                first, second = neighbours[e], neighbours[f]
                closed = False
                for g in range(edges[first], edges[first + 1]):
                    closed |= neighbours[g] == second
                if first == v or second == v:  # a loop
                    out[place] = 0
                elif closed:
                    ends = mix(names[first]) + mix(names[second])
                    out[place] = mix(ends + mix(names[v]) + TRIANGLE)
                else:
                    ends = mix(names[first] ^ mix(edge_names[e]))
                    ends += mix(names[second] ^ mix(edge_names[f]))
                    out[place] = mix(mix(names[v] + PATH) + ends)
                place += 1


@kernel
def _paths(first, last, edges, neighbours, names, out):
    """Write the names of the pairs of the graph of nodes first ... last - 1."""
    distance = np.empty(last - first, np.int64)
    queue = np.empty(last - first, np.int64)
    place = 0
    for start in range(first, last):
        distance[:] = -1
        distance[start - first] = 0
        queue[0], head, tail = start, 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for e in range(edges[v], edges[v + 1]):
                u = neighbours[e]
                if distance[u - first] < 0:
                    distance[u - first] = distance[v - first] + 1
                    queue[tail] = u
                    tail += 1
        for end in range(start + 1, last):
            length = distance[end - first]
            both = mix(names[start]) + mix(names[end])
            out[place] = mix(both + mix(U64(length))) if length > 0 else U64(0)
            place += 1


@parallel_kernel
def shortest_paths(nodes, edges, neighbours, names, starts, out):
    """Write a name of each pair's two names and the edges between them at the least to out.

    starts [N + 1]: where each graph's pairs begin in out, n (n - 1) / 2 of n nodes. 0: no way leads
    from one to the other. Breadth first from each node (Borgwardt & Kriegel 2005, section 4).
    """
    for g in prange(nodes.size - 1):
        pairs = out[starts[g] : starts[g + 1]]
        _paths(nodes[g], nodes[g + 1], edges, neighbours, names, pairs)


@parallel_kernel
def shared_counts(rows, holders, out):
    """Add to out [N, M] int64 the sum over words of the product of both counts.

    rows: the words, from 0 to V - 1, of N samples; holders: which of the M samples hold each word.
    """
    for n in prange(rows.starts.size - 1):
        for i in range(rows.starts[n], rows.starts[n + 1]):
            word = rows.items[i]
            for j in range(holders.starts[word], holders.starts[word + 1]):
                out[n, holders.items[j]] += rows.times[i] * holders.times[j]
