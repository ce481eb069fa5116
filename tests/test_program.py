"""Files beside the modules are found in a checkout, and in an environment as a wheel leaves it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rosenblatt.challenge.package import PROGRAM
from rosenblatt.errors import UserError
from rosenblatt.program import program_file

ROOT = Path(__file__).parents[1]
TEMPLATE = "report/template.typ"


def test_in_a_checkout_they_are_beside_the_sources():
    for name in (*PROGRAM, TEMPLATE):
        assert program_file(name) == ROOT / name
    with pytest.raises(UserError, match="work in a clone"):
        program_file("no-such-file")


def test_a_wheel_takes_all_that_are_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shared = project["tool"]["setuptools"]["data-files"]
    assert sorted(name for names in shared.values() for name in names) == sorted(
        (*PROGRAM, TEMPLATE)
    )
    for folder, names in shared.items():
        assert all(folder == f"share/rosenblatt/{Path(name).parent}".rstrip("/.") for name in names)


def test_an_installed_package_finds_them_and_audits_itself(tmp_path):
    """As pip leaves a wheel: the modules, a record of all files, and the rest below share/."""
    packages = tmp_path / "lib" / "site-packages"
    shutil.copytree(
        ROOT / "src" / "rosenblatt", packages / "rosenblatt",
        ignore=shutil.ignore_patterns("__pycache__"),
    )  # fmt: skip
    start = tmp_path / "share" / "rosenblatt" / "start.py"
    start.parent.mkdir(parents=True)
    shutil.copy(ROOT / "start.py", start)
    info = packages / "rosenblatt-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rosenblatt\nVersion: 1.0\n")
    (info / "RECORD").write_text("rosenblatt/__init__.py,,\n../../share/rosenblatt/start.py,,\n")
    (tmp_path / "mine").mkdir()
    show = (
        f"import sys; sys.path.insert(0, {str(packages)!r});"
        "from rosenblatt.program import PACKAGE, program_file; print(program_file('start.py'));"
        "from rosenblatt.challenge.audit import check_dependencies, check_imports;"
        "print(check_imports(PACKAGE).looked_at, '|', check_dependencies(PACKAGE).looked_at)"
    )
    run = subprocess.run(
        [sys.executable, "-c", show], cwd=tmp_path / "mine", capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    found, looked_at = run.stdout.splitlines()
    assert Path(found).resolve() == start.resolve()
    assert int(looked_at.split()[0]) > 200
    assert looked_at.endswith("| 1 packages")
