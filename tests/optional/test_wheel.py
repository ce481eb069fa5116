"""The wheel, installed elsewhere without a network: each command of the README works there.

Needs pip and a setuptools that can build the project; takes minutes. The sdist holds its tests.
"""

import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOUND = {one.name: one.version for one in importlib.metadata.distributions() if one.name}
if int(FOUND.get("setuptools", "0").partition(".")[0]) < 77 or "pip" not in FOUND:
    pytest.skip("no pip, or no setuptools that builds the project", allow_module_level=True)

# Commands of start.py alone; of a network or of rivals; and what needs a checkout.
LEFT_OUT = ("test", "lint", "coverage", "bench", "results")
SHORT = {  # the same command on less
    "evaluate": ["--quick", "--first", "1"],
    "submit": ["--quick"],
    "search": ["--quick"],
    "gallery": ["--quick"],
}
INSTEAD = {  # what another test shows in full
    "report": "report --measure --new --folds 2",
    "package": "package --help",
    "write": "write --help",
}
SKIPPED = (".git", ".venv", "__pycache__", "dist", "build", "*.egg-info", ".*_cache")


def readme_commands():
    """Return the words of each command line in the README's blocks, in their order."""
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)
    lines = [line for kind, block in blocks if not kind for line in block.splitlines()]
    words = [shlex.split(line, comments=True)[2:] for line in lines if "python start.py" in line]
    short = [line for line in words if line and line[0] not in LEFT_OUT]
    theirs = ("--against", "tinyshakespeare.txt")  # the final recipe in full; a file of the user's
    return [line for line in short if not {*line} & {*theirs}]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    place = tmp_path_factory.mktemp("built")
    source = place / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*SKIPPED))
    code = (
        "from setuptools import build_meta as b; b.build_wheel('../dist'); b.build_sdist('../dist')"
    )
    (place / "dist").mkdir()
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True, stdout=subprocess.DEVNULL)
    [wheel] = (place / "dist").glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(place / "installed"), str(wheel)], check=True)
    return place


def test_it_is_typed_and_has_a_command(built):
    assert (built / "installed" / "rosenblatt" / "py.typed").is_file()
    assert (built / "installed" / "bin" / "rosenblatt").is_file()


@pytest.fixture(scope="module")
def project(built):
    for folder in ("data", "submissions", "report"):
        shutil.copytree(built / "source" / folder, built / "project" / folder)
    shutil.copy(built / "source" / "README.md", built / "project")
    return built / "project"


@pytest.mark.parametrize("words", readme_commands(), ids=" ".join)
def test_each_command_of_the_readme_works(built, project, words):
    said = INSTEAD.get(words[0])
    run = shlex.split(said) if said else [*words, *SHORT.get(words[0], [])]
    done = subprocess.run(
        [sys.executable, str(built / "installed" / "bin" / "rosenblatt"), *run],
        cwd=project, env={**os.environ, "PYTHONPATH": str(built / "installed")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-500:]


def test_the_sdist_holds_its_tests_and_passes_some(built):
    [path] = (built / "dist").glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(built / "unpacked", filter="data")
    [project] = (built / "unpacked").iterdir()

    def names(folder):
        return {
            path.relative_to(folder).as_posix()
            for path in (folder / "tests").rglob("*.py")
        }  # fmt: skip

    assert names(project) == names(built / "source")
    some = ["tests/test_public.py", "tests/test_floors.py", "tests/test_program.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *some]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(command, cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
