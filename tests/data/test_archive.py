"""Archives come back as they were, and hostile or damaged ones are refused in a sentence."""

import io
import random
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from numpy.lib import format as npy

from rosenblatt.data.archive import DESCRIPTION, read_archive, write_archive
from rosenblatt.errors import UserError


def arrays():
    return {
        "votes": np.arange(12, dtype=np.float32).reshape(3, 4),
        "fold": np.arange(3, dtype=np.int16),
        "none": np.zeros((0, 2)),
        "one": np.float64(0.5),
    }


def test_there_and_back_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_archive(tmp_path / name, {"name": "x", "rows": [1, 2.5]}, arrays())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    description, found = read_archive(tmp_path / "a")
    assert description == {"name": "x", "rows": [1, 2.5]}
    for name, array in arrays().items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
        found[name] += 1  # may be written to


def test_objects_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="Object arrays"):
        write_archive(tmp_path / "a", {}, {"x": np.array([{}])})
    assert not (tmp_path / "a").exists()


def archive(path, entries, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr(DESCRIPTION, "{}")
        for name, content in entries:
            file.writestr(name, content)


def header(shape, dtype="<f4", fortran=False):
    content = io.BytesIO()
    npy.write_array_header_1_0(content, {"shape": shape, "fortran_order": fortran, "descr": dtype})
    return content.getvalue()


HOSTILE = {
    "bomb": ([("x.npy", bytes(10**6))], zipfile.ZIP_DEFLATED, "compressed"),
    "huge": ([("x.npy", header((10**11,)))], zipfile.ZIP_STORED, "cannot reshape"),
    "short": ([("x.npy", header((3,)) + bytes(8))], zipfile.ZIP_STORED, "cannot reshape"),
    "negative": ([("x.npy", header((-1, 2)) + bytes(7))], zipfile.ZIP_STORED, "damaged"),
    "objects": ([("x.npy", header((1,), "|O") + bytes(8))], zipfile.ZIP_STORED, "another kind"),
    "no array": ([("../../x", b"root::0:0")], zipfile.ZIP_STORED, "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(tmp_path, name):
    entries, compression, words = HOSTILE[name]
    archive(tmp_path / "a.npz", entries, compression)
    with pytest.raises(UserError, match=words):
        read_archive(tmp_path / "a.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_a_declared_size_beyond_the_file_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    archive(path, [("x.npy", header((2,)) + bytes(8))])
    content = path.read_bytes()
    size = len(header((2,)) + bytes(8)).to_bytes(4, "little")
    path.write_bytes(content.replace(size * 2, (2 * 10**9).to_bytes(4, "little") * 2))
    with pytest.raises(UserError, match="more than there is"):
        read_archive(path)


def test_damage_of_any_kind_is_a_sentence(tmp_path):
    path = tmp_path / "a.npz"
    write_archive(path, {"name": "x"}, arrays())
    whole = path.read_bytes()
    draw = random.Random(0)
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        path.write_bytes(bytes(broken[: draw.choice([len(broken), draw.randrange(len(broken))])]))
        with suppress(UserError):
            read_archive(path)


@pytest.mark.parametrize("path", [3, None, "a\0b", b"a"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(UserError, match=r"is not a path|no such file"):
        read_archive(path)
