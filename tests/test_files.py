"""Files are written whole or not at all, under any name that a file system takes."""

import os
import threading
import time

import pytest

from rosenblatt import files
from rosenblatt.errors import UserError
from rosenblatt.files import ABANDONED, atomic_file, check_writable, write_atomic


@pytest.mark.parametrize("length", [1, 200, 250, 255])
def test_a_name_as_long_as_can_be(tmp_path, length):
    path = tmp_path / ("n" * length)
    check_writable(path)
    write_atomic(path, "x")
    assert path.read_text() == "x"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_name_that_is_too_long_is_told_before_and_after(tmp_path):
    for step in (check_writable, lambda path: write_atomic(path, "x")):
        with pytest.raises(UserError, match="cannot be written"):
            step(tmp_path / ("n" * 256))


def test_parts_of_killed_writers_are_removed_and_no_others(tmp_path):
    old = time.time() - ABANDONED - 60
    kept = (".rosenblatt-abcd1234.part.npz", ".other-abcd1234.part", "rosenblatt-abcd1234.part")
    for name in (*kept, ".rosenblatt-abcd1234.part"):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (old, old))
    (tmp_path / ".rosenblatt-young123.part").write_text("x")
    (tmp_path / ".rosenblatt-folder12.part").mkdir()
    os.utime(tmp_path / ".rosenblatt-folder12.part", (old, old))
    write_atomic(tmp_path / "out", "x")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*kept, ".rosenblatt-young123.part", ".rosenblatt-folder12.part", "out"}


def test_a_living_writer_keeps_its_part(tmp_path):
    with atomic_file(tmp_path / "slow") as file:
        file.write(b"x")
        files._remove_abandoned.cache_clear()
        other = threading.Thread(target=write_atomic, args=(tmp_path / "quick", "y"))
        other.start()
        other.join()
    assert (tmp_path / "slow").read_bytes() == b"x"
