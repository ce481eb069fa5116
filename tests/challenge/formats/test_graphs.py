"""The edition of graphs: what was pickled is what is read, and nothing else is taken."""

import pickle
import sys
import types
from itertools import pairwise

import numpy as np
import pytest

from rosenblatt.challenge.dependence import flattering
from rosenblatt.challenge.formats import load_challenge
from rosenblatt.cli import main
from rosenblatt.errors import UserError


@pytest.fixture
def networkx(monkeypatch):
    return classes_of_networkx(monkeypatch)


def classes_of_networkx(monkeypatch):
    """Return classes that pickle as those of networkx do, which need not be there."""
    made = {}
    for module, name in (("networkx.classes.graph", "Graph"),
                         ("networkx.classes.reportviews", "NodeView"),
                         ("networkx.classes.digraph", "DiGraph")):  # fmt: skip
        home = types.ModuleType(module)
        made[name] = type(name, (), {"__module__": module, "__qualname__": name})
        setattr(home, name, made[name])
        monkeypatch.setitem(sys.modules, module, home)
    for package in ("networkx", "networkx.classes"):
        monkeypatch.setitem(sys.modules, package, types.ModuleType(package))
    return made


def graph(networkx, nodes, edges, label=lambda k: {"labels": [k]}, name="Graph"):
    """Return a graph of nodes {name: label} and edges {(name, name): label}."""
    made = networkx[name]()
    made.graph_attr_dict_factory = dict
    made.graph = {}
    made._node = {key: label(value) for key, value in nodes.items()}
    made._adj = {key: {} for key in nodes}
    for (one, other), value in edges.items():
        made._adj[one][other] = made._adj[other][one] = label(value)
    made.nodes = networkx["NodeView"]()
    made.nodes._nodes = made._node
    return made


def some(networkx, count, seed=0, **dress):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        size = int(rng.integers(1, 7))
        nodes = {int(k): int(rng.integers(0, 50)) for k in rng.permutation(size)}
        ends = [(a, b) for a in range(size) for b in range(a + 1) if rng.random() < 0.4]
        found.append((nodes, {pair: int(rng.integers(0, 4)) for pair in ends}))
    return [graph(networkx, *parts, **dress) for parts in found]


def write(folder, train, labels, test, protocol=4):
    folder.mkdir(exist_ok=True)
    for name, held in (("training_data", train), ("training_labels", labels), ("test_data", test)):
        (folder / f"{name}.pkl").write_bytes(pickle.dumps(held, protocol))
    return folder


LABELS = np.arange(30) % 2


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize("dress", ["list", "number", "named"])
def test_graphs_are_read_as_they_were_made(networkx, tmp_path, protocol, dress):
    labels = {
        "list": lambda k: {"labels": [k]}, "number": lambda k: {"label": k},
        "named": lambda k: {"atom": k},
    }[dress]  # fmt: skip
    train, test = some(networkx, 30, 0, label=labels), some(networkx, 9, 1, label=labels)
    truth = LABELS.tolist() if protocol == 5 else LABELS
    challenge = load_challenge(write(tmp_path / "graphs", train, truth, test, protocol))
    assert challenge.kind == "graph"
    assert (challenge.labels == LABELS).all()
    assert challenge.test_ids == tuple(map(str, range(1, 10)))
    assert (challenge.id_column, challenge.label_column) == ("Id", "Predicted")
    for made, found in ((train, challenge.train), (test, challenge.test)):
        assert len(found) == len(made)
        for row, one in enumerate(made):
            assert described(found[row]) == drawn(one)


def drawn(made):
    """Return the labels of nodes, and labelled edges by their nodes' places, as made."""
    place = {name: k for k, name in enumerate(made._node)}

    def value(held):
        [inner] = held.values()
        return inner[0] if isinstance(inner, list) else inner

    edges = {
        (place[a], place[b], value(held)) for a in made._adj for b, held in made._adj[a].items()
    }
    return [value(held) for held in made._node.values()], edges


def described(found):
    assert found.nodes.tolist() == [0, len(found.labels)]
    edges = {
        (v, int(found.neighbours[e]), int(found.edge_labels[e]))
        for v in range(len(found.labels))
        for e in range(found.edges[v], found.edges[v + 1])
    }
    return found.labels.tolist(), edges


def test_some_graphs_are_those_graphs(networkx, tmp_path):
    train = some(networkx, 30)
    found = load_challenge(write(tmp_path / "graphs", train, LABELS, train[:2])).train
    rows = np.array([7, 0, 7, 29])
    for part in (found[rows], found[:4] + found[rows], found[np.arange(30) < 3], found[5:5]):
        assert part.nodes[-1] == len(part.labels) == len(part.edges) - 1
        assert part.edges[-1] == len(part.neighbours) == len(part.edge_labels)
    both = found[:4] + found[rows]
    for row, k in enumerate([0, 1, 2, 3, *rows]):
        assert described(both[row]) == drawn(train[k])


def test_a_sample_submission_tells_ids_and_header(networkx, tmp_path):
    folder = write(tmp_path / "graphs", some(networkx, 30), LABELS, some(networkx, 3))
    (folder / "sample_submission.csv").write_text("Key,Score\na,0.5\nb,0.5\nc,0.5\n")
    challenge = load_challenge(folder)
    assert challenge.test_ids == ("a", "b", "c")
    assert challenge.label_column == "Score"


def test_graphs_to_predict_that_are_larger_are_named(networkx, tmp_path):
    large = [graph(networkx, dict.fromkeys(range(40), 1), {(0, 1): 1})] * 3
    challenge = load_challenge(write(tmp_path / "graphs", some(networkx, 30), LABELS, large))
    assert flattering(challenge)[0].startswith("test graphs have 40 nodes, training graphs ")
    few = some(networkx, 30)
    assert not flattering(load_challenge(write(tmp_path / "like", few, LABELS, few[:9])))


def spoilt(networkx, change):
    train = some(networkx, 30)
    train[4] = graph(networkx, {0: 1, 1: 2}, {(0, 1): 3})
    change(train)
    return train


def set_attribute(name, value):
    return lambda train: setattr(train[4], name, value)


SPOILT = {
    "one way": (lambda train: train[4]._adj[0].clear(), "the other way"),
    "labels differ": (lambda train: train[4]._adj[0].update({1: {"labels": [0]}}), "the other"),
    "an edge to nowhere": (lambda train: train[4]._adj[0].update({9: {"labels": [0]}}), "node 9"),
    "text": (lambda train: train[4]._node.update({0: {"labels": ["C"]}}), "whole number"),
    "two labels": (lambda train: train[4]._node.update({0: {"labels": [1, 2]}}), "whole number"),
    "two names": (lambda train: train[4]._node.update({0: {"a": 1, "b": 2}}), "2 attributes"),
    "no node": (set_attribute("_node", {}), "has nodes"),
    "other nodes": (set_attribute("_adj", {5: {}, 6: {}}), "other nodes"),
    "no edges": (set_attribute("_adj", {0: [], 1: []}), "other nodes"),
    "a number": (lambda train: train.__setitem__(4, 3), "not a networkx.Graph"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_a_faulty_graph_is_named(networkx, tmp_path, name):
    change, told = SPOILT[name]
    folder = write(tmp_path / "graphs", spoilt(networkx, change), LABELS, some(networkx, 3))
    with pytest.raises(UserError, match=rf"training_data\.pkl: graph 5: .*{told}.*fix or drop"):
        load_challenge(folder)


def test_other_files_are_refused(networkx, tmp_path):
    graphs = some(networkx, 30)
    directed = [graph(networkx, {0: 1}, {}, name="DiGraph")]
    cases = [
        ((graphs, LABELS[:29], graphs), "29 labels where training_data.pkl has 30"),
        ((graphs, LABELS * 0, graphs), "class"),
        ((graphs, ["a"] * 30, graphs), "numbers"),
        ((graphs, {"a": 1}, graphs), "numbers"),
        ((graphs, np.array([None] * 30), graphs), "no array of labels|names"),
        ((directed, LABELS, graphs), r"DiGraph.*not made"),
        (({"graphs": 3}, LABELS, graphs), "no list of graphs"),
        (([], LABELS, graphs), "no list of graphs"),
    ]
    for held, told in cases:
        with pytest.raises(UserError, match=told):
            load_challenge(write(tmp_path / "graphs", *held))
    folder = write(tmp_path / "graphs", graphs, LABELS, graphs)
    (folder / "test_data.pkl").rename(folder / "more.pkl")
    with pytest.raises(UserError, match=r"no pickle may be the test graphs; name the three"):
        load_challenge(folder)


def test_the_recipe_for_graphs_tells_them_apart(networkx, tmp_path, capsys):
    """A ring of three labels against a path: any order of the nodes, any name of them."""
    rng = np.random.default_rng(0)

    def one(ring):
        size = int(rng.integers(4, 9))
        names = rng.permutation(20)[:size].tolist()
        ends = [*pairwise(names), *([(names[-1], names[0])] if ring else [])]
        return graph(networkx, dict.fromkeys(names, 1), dict.fromkeys(ends, 2))

    train, test = ([one(k % 2 == 1) for k in range(count)] for count in (30, 5))
    folder = write(tmp_path / "graphs", train, LABELS, test)
    (folder / "challenge.toml").write_text('metric = "auc"')
    assert main(["evaluate", str(folder), "--folds", "3", "--against", "graphs"], tmp_path) == 0
    said = capsys.readouterr().out
    assert "metric   AUC, greater is better" in said
    assert "ensemble: 1.0000" in said
    assert "paired bootstrap over rows, p = 1.000: the difference may well be luck" in said
    out = tmp_path / "out.csv"
    assert main(["submit", str(folder), "--out", str(out)], tmp_path) == 0
    rows = [line.split(",") for line in out.read_text().split()]
    assert rows[0] == ["Id", "Predicted"]
    scores = [float(score) for _, score in rows[1:]]
    assert max(scores[::2]) < 0.5 < min(scores[1::2])
    assert main(["check", str(out), str(folder)], tmp_path) == 0
    out.write_text(out.read_text().replace(rows[2][1], "nan"))
    assert main(["check", str(out), str(folder)], tmp_path) == 2
    assert "row 3: 'nan' is no number that is finite" in "".join(capsys.readouterr())
    assert main(["inspect", str(folder)], tmp_path) == 0
    assert "30 graphs: nodes 4 to 8, edges 3 to 8" in capsys.readouterr().out
