"""A disk that is full at any byte: the earlier file is there and loads, nothing else is left."""

import errno
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np
import pytest

from rosenblatt import files
from rosenblatt.cache import cache_folder
from rosenblatt.challenge import ledger, load_challenge, write_submission
from rosenblatt.challenge.handin import make_final
from rosenblatt.challenge.ledger import Run
from rosenblatt.challenge.package import pack
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.recipe_file import keep_recipe
from rosenblatt.cli.output import Output
from rosenblatt.data.archive import write_archive
from rosenblatt.data.csv import read_numbers
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Linear
from rosenblatt.features.stored import Stored
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.kept import KernelCache
from rosenblatt.layers import Dense
from rosenblatt.members.network import NetworkMember
from rosenblatt.report import style
from rosenblatt.report.pdf import build_report
from rosenblatt.report.sheet import write_sheet
from rosenblatt.report.starter import begin_text
from rosenblatt.train import Network
from tests.challenge.folders import course, pixels, small_course
from tests.report.test_pdf import RECIPE as REPORTED
from tests.report.test_pdf import TEMPLATE, evidence, text_about


class Full(io.BufferedWriter):
    """A file on a disk that has room for so many bytes."""

    room = 0

    def write(self, data):
        if len(memoryview(data).cast("B")) > Full.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        Full.room -= super().write(data)
        return len(data)


@pytest.fixture
def fill(monkeypatch):
    """Return a function that leaves room for so many bytes, from now on."""

    def fill(room: int) -> None:
        Full.room = room
        monkeypatch.setattr(files.os, "fdopen", lambda handle, mode: Full(io.FileIO(handle, mode)))

    yield fill
    monkeypatch.undo()


class Writer(NamedTuple):
    """Writes `name` anew into a folder, each time with other content."""

    name: str
    write: Callable[[Path, int], object]


def _figure(folder, turn):
    with style.figure(folder / "figure.pdf", 4, 3) as figure:
        figure.subplots().plot([1, turn])


def _final(folder, turn):
    run = Run(f"submit {folder / 'data'}", recipe=RECIPES[turn].digest, data="d", file=str(turn))
    (folder / "mine.csv").write_bytes(b"Id,Prediction\n" + bytes(turn))
    make_final(folder / "mine.csv", run, folder / "final.toml")


RECIPES = [Recipe(seed=seed, members=(NetworkMember(),)) for seed in range(3)]
WRITERS = [
    Writer("ledger.csv", lambda f, turn: ledger.append(f / "ledger.csv", Run(f"submit {turn}"))),
    Writer("r.npz", lambda f, turn: write_archive(f / "r.npz", {}, {"votes": np.full(99, turn)})),
    Writer("n.npz", lambda f, turn: Network([Dense(5)], (9,), seed=turn).save(f / "n.npz")),
    Writer("out.zip", lambda f, turn: pack(f / "out.zip", f"team{turn}", {"Xte.csv": f / "x"})),
    Writer("figure.pdf", _figure),
    Writer("sheet.png", lambda f, turn: write_sheet(f / "sheet.png", _challenge(f))),
    Writer("s.csv", lambda f, turn: write_submission(f / "s.csv", _challenge(f), [turn % 2] * 3)),
    Writer("f.json", lambda f, turn: Output(str(f / "f.json")).figures({"turn": turn})),
    Writer("final.toml", _final),
    Writer("final.csv", _final),
]


def _challenge(folder):
    return load_challenge(folder / "data")


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_the_earlier_file_stays(writer, tmp_path, fill):
    small_course(tmp_path / "data")
    (tmp_path / "x").write_bytes(bytes(500))
    for recipe in RECIPES:
        keep_recipe(tmp_path, recipe)
    writer.write(tmp_path, 1)
    earlier = contents(tmp_path)
    size = len(earlier[writer.name])
    for room in (0, 1, size // 2, size - 1):
        fill(room)
        with pytest.raises(UserError, match=r"cannot be written .*free some space"):
            writer.write(tmp_path, 2)
        assert contents(tmp_path) == earlier
    fill(10**9)
    writer.write(tmp_path, 2)
    assert contents(tmp_path) != earlier or writer.name == "sheet.png"


def test_the_earlier_report_stays(tmp_path, fill):
    challenge = load_challenge(
        course(tmp_path / "data", pixels(30), [0, 1, 2] * 10, pixels(8, seed=1))
    )
    place, found = tmp_path / "report", evidence(challenge)
    place.mkdir()
    shutil.copy(TEMPLATE, place)
    (place / "text.md").write_text(text_about(challenge))
    earlier = build_report(place, challenge, REPORTED, found).path.read_bytes()
    (place / "text.md").write_text(text_about(challenge) + "more\n")
    written = sum(path.stat().st_size for path in (place / "build").iterdir()) + len(earlier)
    for room in (0, written // 2, written - 100):
        fill(room)
        with pytest.raises(UserError, match=r"cannot be written .*free some space"):
            build_report(place, challenge, REPORTED, found)
        assert (place / "report.pdf").read_bytes() == earlier
        assert not list(tmp_path.rglob("*.part"))
    fill(100)
    with pytest.raises(UserError, match=r"cannot be written .*free some space"):
        begin_text(place / "text.md", challenge, REPORTED, found)
    assert (place / "text.md").read_text().endswith("more\n")
    fill(10**9)
    assert build_report(place, challenge, REPORTED, found).path.read_bytes() != earlier


def _table(folder):
    (folder / "a.csv").write_text("a,b\n1,2\n3,4\n")
    os.utime(folder / "a.csv", (1_700_000_000, 1_700_000_000))
    return read_numbers(folder / "a.csv").numbers


def _gram(folder):
    return Stored(Linear(), cache_folder() / "grams")(np.eye(5, dtype=np.float32))


def _kernel(folder):
    compiled = numba.njit(lambda x: x + 1)
    if not JIT_DISABLED:
        compiled._cache = KernelCache(compiled.py_func, cache_folder() / "kernels")
    return compiled(2.5)


@pytest.mark.parametrize("cached", [_table, _gram, _kernel], ids=lambda cached: cached.__name__)
def test_a_cache_without_room_costs_time_and_no_more(cached, tmp_path, monkeypatch, fill):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache_folder.cache_clear()
    try:
        for room in (0, 1, 40, 150, 10**9, 0):
            fill(room)
            wanted = {_table: [[1, 2], [3, 4]], _gram: np.eye(5), _kernel: 3.5}[cached]
            assert np.array_equal(cached(tmp_path), wanted)
            assert not list(tmp_path.rglob("*.part"))
    finally:
        cache_folder.cache_clear()


def contents(folder):
    """Return all files but the submission that is made final, which the test itself writes."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != "mine.csv")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
