"""What Python's pickle wrote is read as Python reads it; what does anything else is not made."""

import contextlib
import pickle
import pickletools
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.data.pickled import Named, _Reader, array_of, read_pickle
from rosenblatt.data.source import as_source
from rosenblatt.errors import UserError
from tests.data import pickles

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False)
    | st.text(max_size=300) | st.binary(max_size=300),
    lambda inner: st.lists(inner) | st.dictionaries(st.integers() | st.text(), inner)
    | st.lists(inner).map(tuple),
    max_leaves=30,
)  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def read(data, names=()):
        path = tmp_path / "held.pkl"
        path.write_bytes(data)
        return read_pickle(as_source(path), names)

    return read


@settings(max_examples=60, deadline=None)
@given(value=PLAIN, protocol=st.integers(2, 5))
def test_plain_data_is_what_python_reads(tmp_path_factory, value, protocol):
    data = pickle.dumps(value, protocol)
    if b"_codecs" in data or b"__builtin__" in data:
        return  # bytes, which protocol 2 makes by a call
    path = tmp_path_factory.mktemp("plain") / "held.pkl"
    path.write_bytes(data)
    assert repr(read_pickle(as_source(path), ())) == repr(value)


@pytest.mark.parametrize("dtype", ["i1", "i8", ">i4", "u2", "f4", ">f8", "?"])
@pytest.mark.parametrize("shape", [(6,), (2, 3), (1, 0)])
def test_arrays_are_what_python_reads(read, dtype, shape):
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    for value in (array, np.asfortranarray(array)):
        for protocol in (3, 4):
            found = array_of(read(pickle.dumps(value, protocol)))
            assert found.dtype == value.dtype
            np.testing.assert_array_equal(found, value)


class Call:
    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


def text(value):
    return b"\x8c" + bytes([len(value)]) + value.encode()


HOSTILE = {
    "a call of the system": pickle.dumps(Call(eval, "open('made', 'w')")),
    "a call in the text protocol": b"cos\nsystem\n(S'touch made'\ntR.",
    "an unknown class": b"\x80\x04" + text("os") + text("environ") + b"\x93.",
    "a name that is no text": b"\x80\x04]]\x93.",
    "a class out of a dict": b"\x80\x04}" + text("Graph") + b"\x93.",
    "a dtype that is called": b"\x80\x04" + text("numpy") + text("ndarray") + b"\x93"
    + b"J" + struct.pack("<i", 2**30) + b"\x85R.",
    "an array larger than its bytes": pickle.dumps(np.zeros(4), 4).replace(
        b"K\x04\x85", b"J\0\0\0\x7f\x85"
    ),
    "a persistent Id": b"\x80\x04Pabc\n.",
    "an extension": b"\x80\x04\x82\x01.",
    "an instance": b"\x80\x04(ios\nsystem\n.",
    "a text beyond the end": b"\x80\x04X\xff\xff\xff\xffabc.",
    "bytes beyond the end": b"\x80\x05\x8e" + b"\xff" * 8 + b"abc.",
    "a far place to remember": b"\x80\x04]r\xff\xff\xff\x7f.",
    "a place never remembered": b"\x80\x04h\x07.",
    "no end": b"\x80\x04" + b"]" * 100,
    "something behind the end": b"\x80\x04].].",
    "two values": b"\x80\x04]].",
    "nothing": b"\x80\x04.",
    "a mark left": b"\x80\x04(].",
    "no mark": b"\x80\x04]e.",
    "an empty stack": b"\x80\x04\x94.",
    "a key that is a list": b"\x80\x04}]]s.",
    "a key of deep tuples": b"\x80\x04})" + b"\x85" * 100_000 + b"Ns.",
    "no text": b"\x80\x04X\x02\0\0\0\xff\xff.",
    "a state of a list": b"\x80\x04]}b.",
    "text that is no pickle": b"Id,Predicted\n1,0.5\n",
    "a zip archive": b"PK\x03\x04" + bytes(100),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_damaged_pickle_is_refused(read, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"held\.pkl: byte .*protocol=4|an array|claims") as error:
        array_of(read(HOSTILE[name]))
    assert len(str(error.value)) < 400
    assert not (tmp_path / "made").exists()


def test_deep_nests_and_circles_do_no_harm(read):
    held = read(b"\x80\x04" + b"]" * 200_000 + b"a" * 199_999 + b".")
    assert len(held) == 1
    circle = []
    circle.append(circle)
    found = read(pickle.dumps(circle, 4))
    assert found[0] is found


def test_a_pickle_that_goes_on_and_on_is_refused(read, tmp_path):
    with open(tmp_path / "held.pkl", "wb") as file:
        file.truncate(1 << 36)  # a hole
    with pytest.raises(UserError, match="more than"):
        read_pickle(as_source(tmp_path / "held.pkl"), ())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_bytes_are_wrong_it_is_read_or_refused(tmp_path_factory, data):
    good = pickle.dumps([{1: [2, "three"], "four": (5.0, None)}, np.arange(3)], 4)
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("bad") / "held.pkl"
    path.write_bytes(bytes(bad[: data.draw(st.integers(1, len(bad)))]))
    with contextlib.suppress(UserError):
        read_pickle(as_source(path), ())


def test_the_operations_that_are_known_are_pythons():
    known = {op.code for op in pickletools.opcodes}
    assert {chr(code) for code, _ in _Reader(b"", ())._steps()} <= known


def test_altered_pickles_are_read_as_python_reads_them_or_refused():
    counts = pickles.main(cases=400, seed=1)  # thousands: python -m tests.data.pickles
    assert min(counts.values()) > 4


def test_the_watch_sees_what_a_pickle_could_do(tmp_path):
    with pickles.watched() as done, contextlib.suppress(Exception):
        pickle.loads(HOSTILE["a call in the text protocol"].replace(b"touch made", b"true"))
    assert any(one.startswith(("pickle.find_class", "os.")) for one in done)
    assert not pickles.same([1, {"a": (2.0,)}], [1, {"a": (2.5,)}])
    assert not pickles.same([Named("os.system")], [pickles.MAKES["numpy.dtype"]])
