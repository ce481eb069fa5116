"""Words of graphs by their definitions, spelled out as texts and tuples instead of hashed.

A graph is (labels [n], edges {(a, b): label}), both directions of each edge.
"""

from collections import Counter
from itertools import combinations


def weisfeiler_lehman(graph, rounds):
    labels, edges = graph
    names = [str(label) for label in labels]
    words = Counter(names)
    for _ in range(rounds):
        names = [
            f"{name}({','.join(sorted(f'{edges[a, b]}:{names[b]}' for a, b in edges if a == v))})"
            for v, name in enumerate(names)
        ]
        words += Counter(names)
    return words


def shortest_paths(graph):
    labels, edges = graph
    nodes = range(len(labels))
    far = {(a, b): 0 if a == b else 1 if (a, b) in edges else 10**6 for a in nodes for b in nodes}
    for k in nodes:
        for a in nodes:
            for b in nodes:
                far[a, b] = min(far[a, b], far[a, k] + far[k, b])
    return Counter(
        (*sorted((labels[a], labels[b])), far[a, b])
        for a, b in combinations(nodes, 2)
        if far[a, b] < 10**6
    )


def graphlets(graph):
    labels, edges = graph
    words = Counter()
    for nodes in combinations(range(len(labels)), 3):
        joined = [pair for pair in combinations(nodes, 2) if pair in edges]
        if len(joined) == 3:
            words["triangle", *sorted(labels[v] for v in nodes)] += 3
        elif len(joined) == 2:
            [middle] = set(joined[0]) & set(joined[1])
            ends = sorted((labels[v], edges[v, middle]) for v in nodes if v != middle)
            words["path", labels[middle], *ends] += 1
    return words


def shared(one, other):
    return sum(times * other[word] for word, times in one.items())
