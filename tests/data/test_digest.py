"""Digests and parsed files: quick where nothing changed, never wrong where something did."""

import json
import os
import random
import time

import pytest

from rosenblatt import cache
from rosenblatt.data import csv, digest
from rosenblatt.data.csv import read_numbers
from rosenblatt.data.digest import file_digest
from rosenblatt.errors import UserError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty cache."""
    path = tmp_path / "own"
    for module in (csv, digest, cache):
        monkeypatch.setattr(module, "cache_folder", lambda: path)
    return path


def write_old(path, text):
    """Write a file that was last changed a while ago, as far as content goes."""
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def test_a_second_reading_parses_nothing(folder, tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("7,2\n3,4\n")
    read_numbers(path)
    monkeypatch.setattr(csv, "_parse", None)
    table = read_numbers(path)
    assert table.numbers.tolist() == [[7, 2], [3, 4]]
    table.numbers[:] = 0  # the caller's own: the cache does not change with it
    assert read_numbers(path).numbers.tolist() == [[7, 2], [3, 4]]
    moved = path.rename(tmp_path / "b.csv")
    assert read_numbers(moved).numbers.tolist() == [[7, 2], [3, 4]]


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
    found = file_digest(path)
    assert not notes.exists()  # too young: a further write might keep its stamp
    later = time.time_ns() + 10 * digest.SETTLED_NS
    monkeypatch.setattr(digest.time, "time_ns", lambda: later)
    assert file_digest(path) == found
    (note,) = notes.iterdir()
    assert json.loads(cache.kept(note))["sha256"] == found
    with monkeypatch.context() as patch:
        patch.setattr(digest.hashlib, "file_digest", None)
        assert file_digest(path) == found  # now without reading the file
    content = note.read_bytes()
    note.write_bytes(content.replace(found[:9].encode(), b"f" * 9))
    assert file_digest(path) == found  # the note was forged, so the file was read


def test_a_damaged_table_is_parsed_anew(folder, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n7,2,x\n3,4,y\n")
    wanted = [[7, 2], [3, 4]], {2: ["x", "y"]}
    read_numbers(path, (2,))
    (entry,) = (folder / "tables").iterdir()
    whole = entry.read_bytes()
    draw = random.Random(1958)
    flips = (bytearray(whole) for _ in range(60))
    for damaged in (b"", whole[:-1], whole[:90], whole + b"x", *flips):
        if isinstance(damaged, bytearray):
            damaged[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        entry.write_bytes(damaged)
        table = read_numbers(path, (2,))
        assert (table.numbers.tolist(), table.text) == wanted
        assert entry.read_bytes() == whole


def test_a_table_under_the_name_of_another_is_parsed_anew(folder, tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("1,2\n")
    read_numbers(first)
    (entry,) = (folder / "tables").iterdir()
    second.write_text("5,6\n")
    read_numbers(second)
    for other in set((folder / "tables").iterdir()) - {entry}:
        other.write_bytes(entry.read_bytes())
    assert read_numbers(second).numbers.tolist() == [[5, 6]]


def test_a_full_disk_only_costs_the_cache(folder, tmp_path, monkeypatch):
    def full(path):
        raise UserError("no space left")

    monkeypatch.setattr(cache, "atomic_file", full)
    path = tmp_path / "a.csv"
    path.write_text("1,2\n")
    assert read_numbers(path).numbers.tolist() == [[1, 2]]
