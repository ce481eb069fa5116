"""start.py on machines that lack something: packages, a network, pip's patience, a new Python.

The set-up runs for real, in a small project whose lock names packages made here, so that nothing
is fetched.
"""

import ast
import hashlib
import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
import zipfile
from pathlib import Path

import pytest
import start
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
COMMAND_LINE = """
import os, sys
def main(argv, home):
    assert os.path.samefile(home, os.path.join(os.path.dirname(__file__), *3 * [".."]))
    print(sys.prefix, os.getcwd(), *argv)
    return 7
"""
PROJECT = """
[project]
dependencies = ["tiny_arrays>=0.9.1"]
[dependency-groups]
test = ["pytest>=0.5", { include-group = "cluster" }]
lint = []
"""
FAKE_PYTEST = """
import os, signal, sys, time
print("pytest", os.getcwd(), *sys.argv[1:], flush=True)
if "wait" in sys.argv:
    signal.signal(signal.SIGINT, lambda *_: sys.exit(5))
    print("waiting", flush=True)
    time.sleep(60)
"""


def make_wheel(folder: Path, name: str, text: str) -> str:
    """Write a wheel of one module, version 1.0; return the line of a lock that asks for it."""
    file = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", text)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


class Project:
    """A copy of start.py with locks, an index and a command line of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.index = folder / "index"
        self.venv = folder / ".venv"
        package = folder / "src" / "rosenblatt" / "cli"
        package.mkdir(parents=True)
        self.index.mkdir()
        (package / "__init__.py").write_text(COMMAND_LINE)
        (package.parent / "__init__.py").touch()
        (folder / "start.py").write_bytes((ROOT / "start.py").read_bytes())
        (folder / "pyproject.toml").write_text(PROJECT)
        self.lock(make_wheel(self.index, "tiny_arrays", ""))
        self.lock(make_wheel(self.index, "pytest", FAKE_PYTEST), "requirements-test.lock")

    def lock(self, text: str, name: str = "requirements.lock") -> None:
        (self.folder / name).write_text(text)

    def command(self, *arguments: str, **settings: str) -> dict:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
        offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
        return {
            "args": [sys.executable, str(self.folder / "start.py"), *arguments],
            "env": {**kept, **offline, "PIP_FIND_LINKS": str(self.index), **settings},
            "text": True,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess:
        return subprocess.run(**self.command(*arguments, **settings), check=False)


@pytest.fixture(scope="module", autouse=True)
def bytecode_beside_sources():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project whose environment is in place, and the run that made it."""
    project = Project(tmp_path_factory.mktemp("made"))
    return project, project.run("submit", "data here", "--no-setup-of-mine")


@pytest.fixture
def outdated(made):
    """The same project, whose test tools are to be renewed; put in order again afterwards."""
    project, _ = made
    lock = (project.folder / "requirements-test.lock").read_text()
    project.lock(lock.replace("==1.0", "==2.0"), "requirements-test.lock")
    yield project
    project.lock(lock, "requirements-test.lock")
    (project.venv / "unfinished").unlink(missing_ok=True)


def test_the_environment_is_made_and_the_command_runs_inside_it(made):
    project, first = made
    assert first.returncode == 7, first.stderr
    assert first.stdout.split(" ", 1)[0] == str(project.venv)
    assert first.stdout.endswith(f"{os.getcwd()} submit data here --no-setup-of-mine\n")
    told = [line for line in first.stderr.splitlines() if "still installing" not in line]
    assert len(told) == 1  # besides, one every eight seconds
    assert "installing the locked packages" in first.stderr
    assert list(project.venv.rglob("tiny_arrays*.pyc")), "bytecode is compiled at the set-up"


def test_the_next_run_installs_and_says_nothing(made):
    project, _ = made
    again = project.run(PIP_FIND_LINKS="/nowhere")
    assert (again.returncode, again.stderr) == (7, "")
    assert again.stdout.endswith(" reproduce\n"), "no arguments: the final submission"


def test_no_setup_refuses_what_the_interpreter_lacks(made):
    project, _ = made
    refused = project.run("--no-setup", "submit")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert f"{sys.executable} lacks tiny_arrays 0.9.1 or newer" in refused.stderr
    inside = subprocess.run(
        [project.venv / "bin" / "python", project.folder / "start.py", "check", "--no-setup"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert inside.stdout.endswith(" check\n")


def test_no_setup_takes_versions_within_the_bounds_and_says_where_they_differ(made):
    project, _ = made
    lock = (project.folder / "requirements.lock").read_text()
    inside = [project.venv / "bin" / "python", project.folder / "start.py", "check", "--no-setup"]
    bounds = project.folder / "pyproject.toml"
    try:
        project.lock(lock.replace("==1.0", "==3.0"))
        taken = subprocess.run(inside, capture_output=True, text=True, check=False)
        bounds.write_text(PROJECT.replace("0.9.1", "1.0.1"))
        refused = subprocess.run(inside, capture_output=True, text=True, check=False)
    finally:
        project.lock(lock)
        bounds.write_text(PROJECT)
    assert (taken.returncode, taken.stdout[-7:]) == (7, " check\n")
    assert "other versions than the locked ones: tiny_arrays 3.0 (has 1.0)" in taken.stderr
    assert refused.returncode == 2
    assert "lacks tiny_arrays 1.0.1 or newer (has 1.0)" in refused.stderr


def test_somebody_elses_environment_is_left_alone(tmp_path):
    project = Project(tmp_path)
    project.venv.mkdir()
    (project.venv / "theirs").write_text("precious")
    refused = project.run("submit")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "was not made by start.py" in refused.stderr
    assert [path.name for path in project.venv.iterdir()] == ["theirs"]
    elsewhere = project.run("submit", ROSENBLATT_VENV=str(tmp_path / "other"))
    assert elsewhere.returncode == 7, elsewhere.stderr
    assert elsewhere.stdout.startswith(str(tmp_path / "other"))
    assert (project.venv / "theirs").read_text() == "precious"


def test_the_test_tools_are_added_to_the_same_environment(made):
    project, _ = made
    (project.venv / "kept").touch()
    tested = project.run("test", "-k", "some thing")
    assert tested.returncode == 0, tested.stderr
    assert "installing the test tools" in tested.stderr
    options = start.TOOLS["test"][0].removeprefix("pytest ")
    command = f"pytest {project.folder} {options} -k some thing\n"
    assert tested.stdout.endswith(command)
    assert (project.venv / "kept").exists()
    assert project.run("test").stderr == ""


def heed_ctrl_c():
    """Undo what a shell does to its background jobs, of which the test run may be one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no way to send Ctrl-C to one process")
def test_the_tests_answer_ctrl_c_themselves(made):
    project, _ = made
    project.run("test")
    process = subprocess.Popen(
        **project.command("test", "wait"), start_new_session=True, preexec_fn=heed_ctrl_c
    )
    assert "waiting\n" in iter(process.stdout.readline, "")
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (5, "")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_set_up_stopped_half_way_is_remembered(outdated, number):
    asked = threading.Event()
    index = silent_server(asked)
    hanging = outdated.command("test", PIP_NO_INDEX="0", PIP_INDEX_URL=index)
    process = subprocess.Popen(**hanging, start_new_session=True, preexec_fn=heed_ctrl_c)
    assert asked.wait(30)
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert "Traceback" not in errors
    assert (outdated.venv / "unfinished").exists()


def silent_server(asked: threading.Event) -> str:
    """Start a package index that takes every question and answers none; return its address."""

    class Silence(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.set()
            threading.Event().wait(30)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silence)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def test_a_wheel_that_is_not_the_locked_one_is_refused(outdated):
    outdated.lock("other_tool==1.0 --hash=sha256:" + 64 * "0", "requirements-test.lock")
    make_wheel(outdated.index, "other_tool", "")
    refused = outdated.run("test")
    assert refused.returncode == 2
    assert "HASHES" in refused.stderr


def test_what_cannot_be_installed_is_said_and_the_next_run_repairs(outdated):
    failed = outdated.run("test")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "No matching distribution found for pytest==2.0" in failed.stderr
    assert "network" in failed.stderr
    assert "Traceback" not in failed.stderr
    repaired = outdated.run("submit")
    assert repaired.returncode == 7, repaired.stderr
    assert "installing the locked packages" in repaired.stderr


def test_a_file_in_the_way_is_named(tmp_path):
    project = Project(tmp_path)
    project.venv.write_text("")
    failed = project.run("submit")
    assert failed.returncode == 2
    assert str(project.venv) in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize(
    ("version", "words"),
    [((3, 10, 9), "use Python 3.11 to 3.14"), ((3, 99, 0), "use Python 3.11 to 3.14")],
)
def test_another_python_gets_a_sentence(monkeypatch, tmp_path, version, words):
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(start, "LOCK", str(tmp_path / "lock"))
    monkeypatch.setattr(start, "VENV", str(tmp_path / "venv"))
    (tmp_path / "lock").write_text("nothing_here==1.0\n")
    with pytest.raises(start.SetUpError, match=words):
        start.main(["submit"])


def test_a_python_without_venv_is_told_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(start.SetUpError, match="python3-venv"):
        start.set_up([start.LOCK])


@pytest.mark.parametrize("words", [[], ["-B"]])
def test_bytecode_lies_in_the_cache_where_it_may_not_lie_beside_sources(words, tmp_path):
    source = tmp_path / "src"
    (source / "rosenblatt").mkdir(parents=True)
    for name in ("__init__", "cache", "errors", "files", "ranges"):
        shutil.copy(ROOT / "src" / "rosenblatt" / f"{name}.py", source / "rosenblatt")
    shutil.copy(ROOT / "start.py", source)
    code = f"import sys; sys.path.insert(0, {str(source)!r}); import start;"
    code += "start.keep_bytecode(); import rosenblatt.ranges"
    environment = {key: value for key, value in os.environ.items() if "BYTECODE" not in key}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    subprocess.run([sys.executable, *words, "-c", code], env=environment, check=True)
    beside, kept = (len([*folder.rglob("ranges.*.pyc")]) for folder in (source, tmp_path / "cache"))
    assert (beside, kept) == ((0, 1) if words else (1, 0))


def test_python_3_6_can_read_it():
    ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 6))


def test_paths_of_each_system():
    assert start.venv_python(windows=True).endswith(os.path.join(".venv", "Scripts", "python.exe"))
    assert start.venv_python(windows=False).endswith(os.path.join(".venv", "bin", "python"))
    assert Path(start.venv_packages()).is_relative_to(start.VENV)


def test_locks_are_read_with_their_markers(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    lock = tmp_path / "lock"
    lock.write_text(
        "# plain==0\n"
        "b-b==2.0 \\\n    --hash=sha256:00\n"
        "a==1.5.dev1 ; platform_machine == 'x86_64' and sys_platform == 'darwin' \\\n"
        "    --hash=sha256:00\n"
        "a==2 ; platform_machine != 'x86_64' or sys_platform != 'darwin' \\\n"
        "    --hash=sha256:00\n"
        "c==3 ; sys_platform == 'win32'\n"
    )
    assert start.locked([str(lock)]) == [("a", "1.5.dev1"), ("b-b", "2.0")]


def test_versions_are_compared_with_what_is_installed(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("alpha==1.0\nbeta==1.0\ngamma==1.0\n")
    for name, version in [("alpha", "1.0"), ("beta", "2.0")]:
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (tmp_path / "gamma-1.0.dist-info").mkdir()  # killed before its metadata was written
    assert start.unmet([str(lock)], [str(tmp_path)]) == ["beta 1.0 (has 2.0)", "gamma 1.0"]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_the_locks_serve_everyone(name):
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text, "no host is named"
    entries = text.replace("\\\n", " ").split("\n")
    packages = [entry for entry in entries if entry and not entry.startswith("#")]
    assert all("==" in entry and "--hash=sha256:" in entry for entry in packages)
    assert len(start.locked([str(ROOT / name)])) > 10


def test_the_locks_cover_what_the_project_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    tools = [name for group in ("test", "cluster", "lint") for name in groups[group]]
    declared = {
        start.LOCK: project["project"]["dependencies"],
        start.TEST_LOCK: [name for name in tools if isinstance(name, str)],  # else a group again
    }
    for lock, requirements in declared.items():
        names = {name for name, _ in start.locked([lock])}
        assert {canonicalize_name(text.split(">=")[0]) for text in requirements} <= names
    runtime, tests = dict(start.locked([start.LOCK])), dict(start.locked([start.TEST_LOCK]))
    assert all(tests.get(name, version) == version for name, version in runtime.items())
