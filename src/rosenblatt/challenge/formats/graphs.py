"""The course's edition of 2022-23: graphs of networkx in pickles, one file each of training graphs,
their labels, and test graphs."""

import re
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.ids import Keys, counted_ids
from rosenblatt.challenge.formats.samples import read_sample, sample_order
from rosenblatt.challenge.label_file import LabelTable
from rosenblatt.challenge.settings import default_notes, read_settings
from rosenblatt.challenge.target import Classes
from rosenblatt.data.pickled import Named, array_of, read_pickle
from rosenblatt.data.source import Source
from rosenblatt.errors import UserError
from rosenblatt.features.graphs.compact import Graphs

GRAPH = "networkx.classes.graph.Graph"
KEYS = ("classes",)
NAMES = (GRAPH, "networkx.classes.reportviews.NodeView")
PICKLE = re.compile(r".*\.(pkl|pickle|p)")
ROLES = {"training graphs": "tr(ai)?n", "training labels": "tr(ai)?n.*(label|target)|^y_?tr",
         "test graphs": "te?st|(^|x_?)te"}  # fmt: skip
HEADER = ("Id", "Predicted")


def matches(folder: Folder) -> str | None:
    """Return why the folder is of this edition, or None: it holds pickles."""
    found = [name for name in sorted(folder.sources) if PICKLE.fullmatch(name)]
    return f"{', '.join(found[:3])} are pickles" if found else None


def read(folder: Folder, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: graphs, and classes of those to learn from.

    No value can be missing; missing_allowed changes nothing.
    Raises UserError: a file missing, faulty or of other names than networkx's and NumPy's of
    undirected graphs and arrays; labels that are not as many as the graphs, or one class only.
    """
    settings = read_settings(folder.path)
    train_file, label_file, test_file = files = _files(folder)
    train, test = read_graphs(train_file), read_graphs(test_file)
    written = _read_labels(label_file)
    if len(written) != len(train):
        raise UserError(
            f"{label_file}: has {len(written)} labels where {train_file.name} has {len(train)} "
            "graphs; give each graph its label."
        )
    sample = read_sample(folder, settings)
    places = [(label_file, row + 1) for row in range(len(written))]
    shown = sample.labels if sample else ()
    encoded = encode_labels(Labels(written, places), settings.classes, shown)
    ids, header, told = _form(Keys(test_file, len(test), None, ()), sample)
    return Challenge(
        name=settings.name or folder.name,
        kind="graph",
        train=train,
        target=Classes(encoded.indices, encoded.classes),
        test=test,
        test_ids=ids,
        id_column=header[0],
        label_column=header[1],
        digest=data_digest(files, [encoded.classes]),
        files=tuple((file.name, role) for file, role in zip(files, ROLES, strict=True)),
        notes=(f"edition graphs: {matches(folder)}", told, *encoded.notes,
               *default_notes(settings)),
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
    )  # fmt: skip


def _form(test: Keys, sample: LabelTable | None) -> tuple[tuple[str, ...], tuple[str, str], str]:
    """Return Ids and header of a submission, and how they were told."""
    if sample is not None:
        told = sample_order(sample, test)[1]
        return tuple(sample.ids or ()), (sample.id_column, sample.label_column), told
    ids, told = counted_ids(test.source, None, test.total)
    return ids, HEADER, f"{told}; no sample submission shows the header: {','.join(HEADER)} assumed"


def _files(folder: Folder) -> tuple[Source, Source, Source]:
    """Return the files of training graphs, their labels and test graphs, by their names."""
    left = [name for name in sorted(folder.sources) if PICKLE.fullmatch(name)]
    found: dict[str, Source] = {}
    for role in ("training labels", "training graphs", "test graphs"):
        names = [name for name in left if re.search(ROLES[role], name)]
        if len(names) != 1:
            raise UserError(
                f"{folder.path}: {' and '.join(names) or 'no pickle'} may be the {role}; name the "
                "three training_data.pkl, training_labels.pkl and test_data.pkl."
            )
        found[role] = folder.need(names[0])
        left.remove(names[0])
    train, labels, test = (found[role] for role in ROLES)
    return train, labels, test


def _read_labels(source: Source) -> list[str]:
    """Return labels as texts. Raises UserError where the file holds no list of whole numbers."""
    held = read_pickle(source, ())
    try:
        labels = (array_of(held) if isinstance(held, Named) else np.array(held)).reshape(-1)
    except (UserError, ValueError) as error:
        raise UserError(f"{source}: holds no array of labels ({error}); save one.") from error
    if labels.dtype.kind not in "iubf" or not len(labels):
        raise UserError(f"{source}: holds no labels that are numbers; save an array of them.")
    return [repr(label) for label in labels.tolist()]


def read_graphs(source: Source) -> Graphs:
    """Return the graphs of a file. Raises UserError where it holds anything but a list of them."""
    held = read_pickle(source, NAMES)
    if not isinstance(held, list) or not held:
        raise UserError(f"{source}: holds no list of graphs; save [graph, graph, ...].")
    nodes, labels, degrees, ends = [0], list[int](), [0], list[tuple[int, int]]()
    for place, graph in enumerate(held):
        try:
            own, edges = _parts(graph)
        except UserError as error:
            raise UserError(f"{source}: graph {place + 1}: {error}; fix or drop it.") from error
        labels += own
        nodes.append(len(labels))
        for of_node in edges:
            ends += of_node.items()
            degrees.append(len(of_node))
    pairs = np.array(ends, np.int64).reshape(-1, 2).T
    numbers = (np.array(x, np.int64) for x in (nodes, labels, np.cumsum(degrees)))
    return Graphs(*numbers, *np.ascontiguousarray(pairs))


def _parts(graph: Any) -> tuple[list[int], list[dict[int, int]]]:
    """Return the labels of a graph's nodes, and of each the labels of edges by their other end."""
    state = graph.state if isinstance(graph, Named) and graph.name == GRAPH else None
    held, links = (state.get(key) if type(state) is dict else None for key in ("_node", "_adj"))
    if type(held) is not dict or type(links) is not dict or not held:
        raise UserError("is not a networkx.Graph that has nodes")
    if {*held} != {*links} or any(type(ends) is not dict for ends in links.values()):
        raise UserError("has other nodes than ends of edges")
    places = {name: place for place, name in enumerate(held)}
    edges: list[dict[int, int]] = [{} for _ in held]
    for name, place in places.items():
        for other, label in links[name].items():
            if other not in places:
                raise UserError(f"has no node {other!r}, to which an edge leads")
            edges[place][places[other]] = _label(label)
    for place, of_node in enumerate(edges):
        if any(edges[other].get(place) != label for other, label in of_node.items()):
            raise UserError(f"node {place + 1} has an edge that is not the same the other way")
    return [_label(label) for label in held.values()], edges


def _label(value: Any) -> int:
    """Return the one label among the attributes of a node or an edge; 0 where there are none."""
    if type(value) is dict and value:
        key = next((key for key in ("labels", "label") if key in value), None)
        if key is None and len(value) > 1:
            raise UserError(f"has {len(value)} attributes of one node or edge, none named label")
        value = value[next(iter(value)) if key is None else key]
    elif value == {}:
        return 0
    if type(value) in (list, tuple) and len(value) == 1:
        value = value[0]
    if type(value) is not int or abs(value) >= 2**62:
        raise UserError("has a label of a node or edge that is not a whole number, or a list of it")
    return value
