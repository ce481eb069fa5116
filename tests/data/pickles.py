"""Pickles with bytes and operations exchanged: each is read as Python reads it, or refused.

python -m tests.data.pickles --cases 20000 --seed 0
"""

import argparse
import contextlib
import pickle
import pickletools
import sys
import tempfile
from pathlib import Path

import numpy as np

from rosenblatt.data.pickled import ARRAY, MADE, Named, read_pickle
from rosenblatt.data.source import as_source
from rosenblatt.errors import UserError

GRAPH = "networkx.classes.graph.Graph"
NAMES = (GRAPH, "networkx.classes.reportviews.NodeView")
KNOWN = {*NAMES, *MADE, ARRAY, "numpy.dtype", "builtins.dict"}
WATCHED = ("import", "exec", "compile", "open", "os.", "subprocess.", "socket.", "ctypes.",
           "pickle.", "shutil.", "sys.", "code.", "marshal.")  # fmt: skip
FRAGMENTS = (
    b"cos\nsystem\n", b"cbuiltins\neval\n", b"\x8c\x02os\x8c\x06system\x93", b"(S'id'\ntR",
    b"\x8c\x08builtins\x8c\x04exec\x93", b"\x8c\x05numpy\x8c\x07ndarray\x93", b"R", b"\x81", b"b",
    b"(ios\nsystem\n", b"Pid\n", b"Q", b"\x82\x01", b"o", b"\x92",
    b"0", b"2", b"1", b"\x98", b"\x97",
    b"cnumpy\ndtype\n", b"cbuiltins\ndict\n", b"cnumpy.core.multiarray\n_reconstruct\n", b"(", b"t",
    b"}", b"]", b")", b"h\x00", b"q\x00", b"\x94", b"s", b"u", b"e", b".", b"\x95" + b"\xff" * 8,
)  # fmt: skip


class Made:
    """What a known name makes in Python's own reading: nothing but its arguments and its state."""

    name = ""

    def __new__(cls, *arguments):
        made = super().__new__(cls)
        made.arguments, made.state = arguments, None
        return made

    def __init__(self, *arguments):
        pass

    def __setstate__(self, state):
        self.state = state


MAKES = {name: type(name, (Made,), {"name": name, "__module__": "made"}) for name in KNOWN}


class Pythons(pickle._Unpickler):
    """Python's own reader, which may make the known names alone."""

    def find_class(self, module, name):
        return MAKES[f"{module}.{name}"]

    def persistent_load(self, pid):
        raise pickle.UnpicklingError


class Graph(Made):
    """Pickles as networkx's Graph does."""

    def __init__(self, **state):
        vars(self).update(state)

    def __new__(cls, **_):
        return object.__new__(cls)

    def __getstate__(self):
        return vars(self)


Graph.__module__, Graph.__qualname__ = "networkx.classes.graph", "Graph"


class _Writer(pickle._Pickler):
    def save_global(self, obj, name=None):
        if obj is not Graph:
            return super().save_global(obj, name)
        self.save("networkx.classes.graph")
        self.save("Graph")
        self.write(pickle.STACK_GLOBAL)
        return None

    dispatch = pickle._Pickler.dispatch | {type: save_global}


def good_ones():
    """Return valid pickles: graphs, arrays and plain data."""
    graph = Graph(graph={}, _node={0: {"labels": [3]}, 1: {"labels": [1]}},
                  _adj={0: {1: {"labels": [2]}}, 1: {0: {"labels": [2]}}},
                  graph_attr_dict_factory=dict)  # fmt: skip
    found = []
    with tempfile.TemporaryFile() as file:
        _Writer(file, 4).dump([graph, graph])
        file.seek(0)
        found.append(file.read())
    plain = [{1: [2, "three"], "four": (5.0, None, True)}, b"bytes", 2**40, -7]
    arrays = [np.arange(3), np.zeros((2, 2), "f4")]
    found += [pickle.dumps(plain[:1] + plain[2:], protocol) for protocol in (2, 3, 4, 5)]
    return found + [pickle.dumps(arrays, protocol) for protocol in (3, 4)]


def altered(data, rng):
    """Return a pickle with one to four things changed: bytes, operations, their order, its end."""
    for _ in range(rng.integers(1, 5)):
        places = [0, len(data)]
        with contextlib.suppress(Exception):
            places += [place for _, _, place in pickletools.genops(data)]
        start, end = sorted(int(rng.choice(places)) for _ in range(2))
        way = rng.integers(0, 7)
        if way == 0:  # a byte
            place = int(rng.integers(0, max(1, len(data))))
            data = data[:place] + bytes([rng.integers(0, 256)]) + data[place + 1 :]
        elif way == 1:  # something hostile, or an operation
            data = data[:start] + FRAGMENTS[rng.integers(0, len(FRAGMENTS))] + data[start:]
        elif way == 2:  # an operation in place of one
            data = data[:start] + FRAGMENTS[rng.integers(0, len(FRAGMENTS))] + data[start + 1 :]
        elif way == 3:  # without a part
            data = data[:start] + data[min(end, start + 40) :]
        elif way == 4:  # a part twice
            data = data[:end] + data[start:end][:200] + data[end:]
        elif way == 5:  # a part elsewhere
            part, rest = data[start:end][:60], data[:start] + data[start:end][60:] + data[end:]
            place = int(rng.integers(0, len(rest) + 1))
            data = rest[:place] + part + rest[place:]
        else:
            data = data[: int(rng.integers(0, len(data) + 1))]
    return data


def same(found, wanted):
    """Say whether our reading holds what Python's does, circles and all; and known names alone."""
    waiting, seen = [(found, wanted)], set()
    while waiting:
        one, other = waiting.pop()
        if (id(one), id(other)) in seen:
            continue
        seen.add((id(one), id(other)))
        if isinstance(one, Named):
            made = other if one.arguments is None else type(other)
            if one.name not in KNOWN or MAKES[one.name] is not made:
                return False
            if one.arguments is not None:
                waiting += [(one.arguments, other.arguments), (one.state, other.state)]
        elif type(one) is not type(other):
            return False
        elif isinstance(one, list | tuple):
            if len(one) != len(other):
                return False
            waiting += zip(one, other, strict=True)
        elif isinstance(one, dict):
            if [*one] != [*other]:
                return False
            waiting += [(one[key], other[key]) for key in one]
        elif repr(one) != repr(other):
            return False
    return True


_noticed: list[str] | None = None
_hooked = False


def _notice(event, arguments):
    if _noticed is not None and event.startswith(WATCHED):
        _noticed.append(f"{event} {arguments}"[:200])


@contextlib.contextmanager
def watched():
    """Yield a list of all that is imported, opened, compiled or called of the system meanwhile."""
    global _noticed, _hooked
    if not _hooked:
        sys.addaudithook(_notice)  # which stays, and does nothing elsewhere
        _hooked = True
    _noticed = []
    try:
        yield _noticed
    finally:
        _noticed = None


def judge(data, path):
    """Return "read" or "refused"; raise AssertionError where a pickle did more, or was misread."""
    path.write_bytes(data)
    source = as_source(path)
    with watched() as done:
        try:
            found = read_pickle(source, NAMES)
        except UserError as error:
            found = error
    wanted = f"open ('{path}'"
    assert not [one for one in done if not one.startswith(wanted)], (data, done)
    if isinstance(found, UserError):
        assert str(found).startswith(str(path)), data
        assert len(str(found)) < 500, data
        return "refused"
    try:
        with path.open("rb") as file:
            own = Pythons(file).load()
    except (
        Exception
    ):  # of any kind: Python's own refuses what ours lets pass, such as a frame's end
        return "read"
    assert same(found, own), data
    return "read"


def main(cases, seed):
    rng, counts = np.random.default_rng(seed), {"read": 0, "refused": 0}
    good = good_ones()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "held.pkl"
        for data in good:
            assert judge(data, path) == "read", data
        for case in range(cases):
            counts[judge(altered(good[case % len(good)], rng), path)] += 1
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(main(given.cases, given.seed))
