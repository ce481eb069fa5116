"""The cache: quick where nothing changed, never wrong where something did, never in the way."""

import json
import os
import tempfile
import time

import numpy as np
import pytest

from rosenblatt.data import cache, csv
from rosenblatt.data.cache import cache_folder, file_digest, user_cache
from rosenblatt.data.csv import read_numbers
from rosenblatt.errors import UserError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty cache."""
    path = tmp_path / "own"
    monkeypatch.setattr(cache, "user_cache", lambda: path)
    return path


def write_old(path, text):
    """Write a file that was last changed a while ago, as far as content goes."""
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def test_a_second_reading_parses_nothing(folder, tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("1,2\n3,4\n")
    read_numbers(path)
    monkeypatch.setattr(csv, "_parse", None)
    table = read_numbers(path)
    assert table.numbers.tolist() == [[1, 2], [3, 4]]
    table.numbers[:] = 0  # the caller's own: the cache does not change with it
    assert read_numbers(path).numbers.tolist() == [[1, 2], [3, 4]]
    moved = path.rename(tmp_path / "b.csv")
    assert read_numbers(moved).numbers.tolist() == [[1, 2], [3, 4]]


def test_a_change_of_the_same_size_and_date_is_noticed(folder, tmp_path):
    path = tmp_path / "a.csv"
    write_old(path, "1,2\n")
    assert read_numbers(path).numbers.tolist() == [[1, 2]]
    write_old(path, "1,3\n")
    assert read_numbers(path).numbers.tolist() == [[1, 3]]


def test_a_stamp_is_trusted_only_once_the_file_has_settled(folder, tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("1,2\n")
    notes = folder / "digests"
    digest = file_digest(path)
    assert not notes.exists()  # too young: a further write might keep its stamp
    later = time.time_ns() + 10 * cache.SETTLED_NS
    monkeypatch.setattr(cache.time, "time_ns", lambda: later)
    assert file_digest(path) == digest
    (note,) = notes.iterdir()
    assert json.loads(note.read_text())["sha256"] == digest
    monkeypatch.setattr(cache.hashlib, "file_digest", None)
    assert file_digest(path) == digest  # now without reading the file


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"{}"])
def test_a_damaged_entry_is_parsed_anew(folder, tmp_path, damage):
    path = tmp_path / "a.csv"
    path.write_text("1,2\n")
    read_numbers(path)
    for entry in (folder / "tables").iterdir():
        entry.write_bytes(damage)
        assert read_numbers(path).numbers.tolist() == [[1, 2]]
    for entry in folder.rglob("*.npy"):
        assert np.load(entry).tolist() == [[1, 2]]


def test_a_cache_that_cannot_be_written_is_replaced_with_one_line(tmp_path, monkeypatch, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(cache, "user_cache", lambda: blocked / "below")
    path = tmp_path / "a.csv"
    path.write_text("1,2\n")
    for _ in range(2):
        assert read_numbers(path).numbers.tolist() == [[1, 2]]
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"notice: {blocked / 'below'} cannot be written")
    assert cache_folder() == tmp_path / f"rosenblatt-{os.getuid() if os.name != 'nt' else 0}"
    assert list((cache_folder() / "tables").iterdir())


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs links")
def test_a_temporary_folder_laid_by_others_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    trap = tmp_path / f"rosenblatt-{os.getuid()}"
    (tmp_path / "theirs").mkdir()
    trap.symlink_to(tmp_path / "theirs")
    assert cache._temporary() not in (trap, tmp_path / "theirs")


def test_a_full_disk_only_costs_the_cache(folder, tmp_path, monkeypatch):
    def full(path, content):
        raise UserError("no space left")

    monkeypatch.setattr(cache, "write_atomic", full)
    path = tmp_path / "a.csv"
    path.write_text("1,2\n")
    assert read_numbers(path).numbers.tolist() == [[1, 2]]


def test_each_system_has_its_place(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    if os.name == "nt":
        monkeypatch.setenv("LOCALAPPDATA", "C:/somewhere")
    assert user_cache().parent.name == "somewhere"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    places = {"nt": "Local", "darwin": "Caches", "linux": ".cache"}
    for name, wanted in places.items():
        if os.name != "nt" and name != "nt":  # pathlib cannot make a path of another system
            monkeypatch.setattr(cache.sys, "platform", name)
            assert user_cache().parent.name == wanted
