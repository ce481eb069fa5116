"""The hand-in: what is in it, the same bytes each time, proof by running, hostile zips refused."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rosenblatt.challenge.package import (
    FILES,
    PROGRAM,
    check_final,
    check_paths,
    contents,
    pack,
    unpack,
)
from rosenblatt.challenge.proof import prove
from rosenblatt.challenge.recipe import Final
from rosenblatt.errors import UserError

ROOT = Path(__file__).parents[2]
# A stand-in for start.py: reproduces when its data are there, and says what it was asked.
START = """import os, sys
command = [word for word in sys.argv[1:] if word != "--no-setup"][0]
print("asked to", command, "from", os.listdir("."))
if command == "audit":
    sys.exit(AUDIT)
text = open("data/small/Xtr.csv").read()
sys.exit(0 if text == "1,2" and not os.path.exists("data/small/solution.csv") else 1)
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    data = ("data/small/Xtr.csv", "data/small/solution.csv", "data/small/.hidden")
    more = ("src/rosenblatt/a.py", "src/rosenblatt/b/c.toml", "src/rosenblatt/b/__pycache__/c.py")
    for name in (*FILES, *PROGRAM, *more, *data, "notes.txt", "src/rosenblatt/x.o"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "start.py").write_text(START.replace("AUDIT", "0"))
    (folder / "data/small/Xtr.csv").write_text("1,2")
    return folder


FINAL = Final("data/small", "", "")


def test_what_is_in_it(project):
    names = set(contents(project, None))
    assert names == {*FILES, *PROGRAM, "src/rosenblatt/a.py", "src/rosenblatt/b/c.toml"}
    with_data = set(contents(project, project / "data" / "small"))
    assert with_data - names == {"data/small/Xtr.csv"}
    (project / "report" / "report.pdf").unlink()
    with pytest.raises(UserError, match="Make it with `report`"):
        contents(project, None)


def test_without_sources_of_its_own_a_project_is_handed_in_with_the_programs(project):
    shutil.rmtree(project / "src")
    for name in PROGRAM:
        (project / name).unlink()
    found = contents(project, None)
    assert {*FILES, *PROGRAM, "src/rosenblatt/challenge/package.py"} <= set(found)
    assert found["start.py"].read_bytes() == (ROOT / "start.py").read_bytes()


@pytest.mark.parametrize("folder", ["/data/small", "../small", "C:/data/small", "data/../../x"])
def test_a_final_submission_that_leads_out_is_refused(project, folder):
    with pytest.raises(UserError, match="lies outside the project"):
        check_final(project, Final(folder, "", ""))


def test_a_final_submission_that_was_edited_is_refused(project):
    digest = hashlib.sha256(b"submissions/final.csv").hexdigest()
    check_final(project, Final("data/small", "", digest))
    (project / "submissions" / "final.csv").write_text("Id,Prediction\n")
    with pytest.raises(UserError, match="is not the file"):
        check_final(project, Final("data/small", "", digest))


def test_a_path_of_this_machine_is_refused_by_its_line(project, tmp_path):
    outside = tmp_path.resolve() / "mine" / "secret.npy"
    outside.parent.mkdir()
    outside.write_bytes(b"")
    source = project / "src" / "rosenblatt" / "a.py"
    source.write_text(f"# see https://x.org/a, /dev/null and /nowhere/at/all\ny = '{outside}x'\n")
    check_paths(contents(project, None))
    source.write_text(f"\nx = load('{outside.as_posix()}')\n")
    with pytest.raises(UserError, match=r"a.py: line 2: .*secret.npy is a place on this computer"):
        check_paths(contents(project, None))


@pytest.mark.parametrize("way", ["absolute", "home", "link", "folder"])
def test_a_hand_in_that_needs_its_authors_files_fails(project, tmp_path, way, monkeypatch, capfd):
    """The cheats are told by what runs: the path is put together, so that no search finds it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "weights").write_text("x")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    data = project / "data" / "small"
    opening = {
        "absolute": f"open('/'.join({str(data / 'Xtr.csv').split('/')!r}))",
        "home": "open(os.path.expanduser('~/weights'))",
        "link": f"os.symlink({str(data)!r}, 'there'), open('there/Xtr.csv')",
        "folder": f"os.listdir({str(home)!r})",
    }[way]
    (project / "start.py").write_text(START.replace("AUDIT", "0") + f"\n{opening}\n")
    text = (project / "start.py").read_text()
    (project / "start.py").write_text(
        text.replace("sys.exit(0 if", "code = (0 if") + "sys.exit(code)\n"
    )
    pack(tmp_path / "a.zip", "team", contents(project, None))
    with pytest.raises(UserError, match="the hand-in fails"):
        prove(tmp_path / "a.zip", project, data, FINAL, fresh=False)
    said = capfd.readouterr().err
    assert ("No such file" if way == "home" else "is the author's own") in said


def test_the_same_bytes_at_another_time(project, tmp_path):
    size = pack(tmp_path / "a.zip", "team", contents(project, None))
    for path in project.rglob("*"):
        os.utime(path, (10**9, 10**9))
        path.chmod(0o700)
    pack(tmp_path / "b.zip", "team", contents(project, None))
    content = (tmp_path / "a.zip").read_bytes()
    assert (tmp_path / "b.zip").read_bytes() == content
    assert size == len(content)


@pytest.mark.parametrize("with_data", [False, True])
def test_proof(project, tmp_path, with_data):
    data = project / "data" / "small"
    pack(tmp_path / "a.zip", "team", contents(project, data if with_data else None))
    assert prove(tmp_path / "a.zip", project, data, FINAL, fresh=False) > 0


@pytest.mark.parametrize("fault", ["data", "audit"])
def test_a_hand_in_that_does_not_run_is_refused(project, tmp_path, fault):
    if fault == "audit":
        (project / "start.py").write_text(START.replace("AUDIT", "2"))
    else:
        (project / "data/small/Xtr.csv").write_text("3,4")
    pack(tmp_path / "a.zip", "team", contents(project, None))
    with pytest.raises(UserError, match=r"start.py (reproduce|audit)` ends in \d: asked to"):
        prove(tmp_path / "a.zip", project, project / "data" / "small", FINAL, fresh=False)


def hostile(path, name, kind=stat.S_IFREG, content=b"x"):
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = name
    entry.create_system = 3
    entry.external_attr = (kind | 0o644) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, content)


def test_the_program_in_a_hand_in_has_all_that_its_door_opens(tmp_path):
    for name, path in contents(ROOT, None).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / name)
    use = "import rosenblatt; print(rosenblatt.__file__, rosenblatt.UserError.__name__)"
    said = subprocess.run(
        [sys.executable, "-c", use], cwd=tmp_path, env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout == f"{tmp_path / 'src/rosenblatt/__init__.py'} UserError\n", said.stderr


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("../x", stat.S_IFREG, "leads out"),
        ("a/../../x", stat.S_IFREG, "leads out"),
        ("/etc/x", stat.S_IFREG, "leads out"),
        ("C:/x", stat.S_IFREG, "leads out"),
        ("..\\x", stat.S_IFREG, "leads out"),
        ("link", stat.S_IFLNK, "a link"),
        ("pipe", stat.S_IFIFO, "a link"),
    ],
)
def test_hostile_names_are_refused(tmp_path, name, kind, words):
    hostile(tmp_path / "a.zip", name, kind)
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match=words):
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "out"]


def test_hostile_sizes_and_damage_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    hostile(path, "x", content=b"12345")
    content = path.read_bytes()
    (tmp_path / "out").mkdir()
    five = (5).to_bytes(4, "little") * 2
    path.write_bytes(content.replace(five, (4 * 10**9).to_bytes(4, "little") * 2))
    with pytest.raises(UserError, match="more than 1 GB"):
        unpack(path, tmp_path / "out")
    path.write_bytes(content[:-30])
    with pytest.raises(UserError, match="damaged"):
        unpack(path, tmp_path / "out")
    path.write_bytes(content.replace(b"12345", b"12346"))
    with pytest.raises(UserError, match="damaged"):
        unpack(path, tmp_path / "out")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "1")
        archive.writestr("A", "2")
    with pytest.raises(UserError, match="occurs twice"):
        unpack(path, tmp_path / "out")


def test_the_project_itself_can_be_packed_small():
    project = Path(__file__).parents[2]
    files = [path for path in (project / "src" / "rosenblatt").rglob("*") if path.is_file()]
    sources = sum(len(path.read_bytes()) for path in files if path.suffix in (".py", ".toml"))
    assert sources < 4_000_000  # a quarter of it when packed
