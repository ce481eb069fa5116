"""The cache: one folder that nobody else can write into, and entries used only as written."""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rosenblatt import cache
from rosenblatt.cache import NOWHERE, SEAL, cache_folder, keep, kept, open_sealed

ROOT = Path(__file__).parents[1]
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows keeps others out by itself")
AS_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become two users"
)


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Return a folder for temporary ones; the choice of the cache is open again."""
    base = tmp_path / "temporary"
    base.mkdir()
    base.chmod(0o1777)
    monkeypatch.setattr("tempfile.tempdir", str(base))
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    cache_folder.cache_clear()
    yield base
    cache_folder.cache_clear()


def test_each_system_has_its_place(monkeypatch, tmp_path):
    given = str(tmp_path / "somewhere")
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert cache._user_folder() == Path(given) / "rosenblatt"
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    for unset in ("", "here", "./here"):  # never in the working directory
        monkeypatch.setenv("XDG_CACHE_HOME", unset)
        places = {"nt": "Local", "darwin": "Caches", "linux": ".cache"}
        for name, wanted in places.items():
            if os.name != "nt" and name != "nt":  # pathlib cannot make a path of another system
                monkeypatch.setattr(cache.sys, "platform", name)
                assert cache._user_folder().is_absolute()
                assert cache._user_folder().parent.name == wanted


def test_a_cache_that_cannot_be_written_is_replaced_with_one_line(
    fresh, tmp_path, monkeypatch, capsys
):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked / "below"))
    folder = cache_folder()
    assert cache_folder() == folder
    assert folder.parent == fresh
    (said,) = capsys.readouterr().err.splitlines()
    assert str(folder) in said
    cache_folder.cache_clear()
    assert cache_folder() == folder  # the same at each run


@POSIX
def test_the_folder_is_ours_alone(fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    folder = cache_folder()
    assert folder == tmp_path / "home" / "rosenblatt"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)  # as an earlier edition made it: others could read, and no more
    cache_folder.cache_clear()
    assert cache_folder() == folder
    assert folder.stat().st_mode & 0o777 == 0o700


def shared(folder):
    folder.mkdir()
    folder.chmod(0o777)


def linked(folder):
    (folder.parent / "theirs").mkdir()
    folder.symlink_to(folder.parent / "theirs")


def below_shared(folder):
    folder.mkdir()
    folder.parent.chmod(0o777)


@POSIX
@pytest.mark.parametrize("lay", [shared, linked, below_shared])
def test_a_folder_that_others_can_reach_is_not_used(fresh, tmp_path, monkeypatch, capsys, lay):
    base = tmp_path / "home"
    base.mkdir()
    lay(base / "rosenblatt")
    monkeypatch.setenv("XDG_CACHE_HOME", str(base))
    assert cache_folder() == fresh / f"rosenblatt-{os.geteuid()}"
    assert str(base) in capsys.readouterr().err
    assert not list((base / "rosenblatt").iterdir())


@POSIX
def test_a_temporary_folder_laid_by_others_is_not_used(fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/dev/null")
    linked(fresh / f"rosenblatt-{os.geteuid()}")
    monkeypatch.setattr(cache.atexit, "register", lambda *words, **more: None)
    folder = cache_folder()
    assert folder.parent.parent == fresh
    assert folder.parent.name not in ("theirs", f"rosenblatt-{os.geteuid()}")
    cache_folder.cache_clear()
    assert cache_folder() == folder  # as a worker process finds it


@POSIX
def test_without_any_place_nothing_is_kept(fresh, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", "/dev/null")
    monkeypatch.setattr("tempfile.tempdir", os.getcwd())
    assert cache_folder() == NOWHERE
    keep(NOWHERE / "a" / "b", b"x")
    assert kept(NOWHERE / "a" / "b") is None
    assert "nothing is kept" in capsys.readouterr().err


TWO_USERS = """
import os, pathlib, sys
from rosenblatt import cache
base, trap, victim = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), 12345
if os.fork() == 0:  # another user waits at the name that can be guessed
    os.setuid(54321)
    trap.mkdir(mode=0o777)
    trap.chmod(0o777)
    os._exit(0)
os.wait()
os.setgroups([])
os.setuid(victim)  # one without an entry in the list of users, and without a home
for name in ("HOME", "XDG_CACHE_HOME"):
    os.environ.pop(name, None)
os.environ["TMPDIR"] = str(base)
folder = cache.cache_folder()
status = os.lstat(folder)
assert status.st_uid == victim, status
assert status.st_mode & 0o777 == 0o700, status
assert folder != trap and trap not in folder.parents, folder
cache.keep(folder / "a", b"x")
assert cache.kept(folder / "a") == b"x"
assert not list(trap.iterdir())
"""


@AS_ROOT
@pytest.mark.parametrize("trap", ["rosenblatt-12345", "rosenblatt", "elsewhere"])
def test_what_another_user_laid_is_never_used(trap):
    with tempfile.TemporaryDirectory() as base:  # pytest's own folders let nobody in
        os.chmod(base, 0o1777)
        words = [sys.executable, "-c", TWO_USERS, base, f"{base}/{trap}"]
        done = subprocess.run(
            words, cwd="/", env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("note: no cache in the usual folder") == 1


def test_an_entry_is_used_only_as_it_was_written(tmp_path):
    path, draw = tmp_path / "entry", random.Random(1958)
    content = draw.randbytes(200)
    keep(path, content)
    assert kept(path) == content
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        assert open_sealed(path) is None
    for damaged in (whole[:-1], whole[:SEAL], whole[: SEAL - 1], b"", whole + b"\0"):
        path.write_bytes(damaged)
        assert kept(path) is None
    path.write_bytes(whole)
    path.rename(tmp_path / "other")
    assert kept(tmp_path / "other") is None  # under another's name
    assert kept(path) is None
    keep(path, b"")
    assert kept(path) == b""


def test_what_nobody_uses_is_swept_away(tmp_path):
    old = time.time() - cache.UNUSED - cache.DAY
    for name in ("kernels/gone/a", "kernels/used/a", "kernels/young/a", "swept"):
        keep(tmp_path / name, b"x")
        if "young" not in name:
            os.utime(tmp_path / name, (old, old))
    os.utime(tmp_path / "kernels" / "gone", (old, old))
    kept(tmp_path / "kernels/used/a")
    cache._sweep.__wrapped__(tmp_path)
    assert not (tmp_path / "kernels/gone/a").exists()
    assert kept(tmp_path / "kernels/used/a") == kept(tmp_path / "kernels/young/a") == b"x"
    os.utime(tmp_path / "kernels/young/a", (old, old))
    cache._sweep.__wrapped__(tmp_path)
    assert (tmp_path / "kernels/young/a").exists()  # once a day is enough
