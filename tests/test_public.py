"""The public door: `import rosenblatt` offers names lazily, and the README's ten lines use them."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rosenblatt

ROOT = Path(__file__).parents[1]
STUB = ROOT / "src" / "rosenblatt" / "__init__.pyi"


def offered() -> dict[str, str]:
    """Return the public names and their modules, read from the stub."""
    imports = [
        node for node in ast.parse(STUB.read_text()).body if isinstance(node, ast.ImportFrom)
    ]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


@pytest.mark.parametrize("package", ["classic", "layers", "metrics", "train"])
def test_all_that_a_package_exports_is_offered(package):
    exported = importlib.import_module(f"rosenblatt.{package}").__all__
    assert {name for name, home in offered().items() if home == f"rosenblatt.{package}"} == set(
        exported
    )


def test_each_name_is_what_its_module_has():
    for name, home in offered().items():
        assert getattr(rosenblatt, name) is getattr(importlib.import_module(home), name)
    assert set(offered()) <= set(dir(rosenblatt))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        rosenblatt.nothing  # noqa: B018


def test_the_import_loads_neither_numpy_nor_the_engine():
    show = "import sys, rosenblatt; print('numpy' in sys.modules, 'rosenblatt.tape' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    run = subprocess.run(
        [sys.executable, "-c", show], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "False False\n"


def test_the_ten_lines_of_the_readme_run(tmp_path, monkeypatch, capsys):
    readme = (ROOT / "README.md").read_text("utf-8")
    [block] = re.findall(r"```python\n(import rosenblatt as rb\n.*?)```", readme, re.DOTALL)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(block, names)
    assert (tmp_path / "network.npz").is_file()
    score = float(capsys.readouterr().out.splitlines()[-1])
    assert score == names["network"].score(names["images"], names["challenge"].labels) > 0.9


def test_no_import_of_the_door_hides_a_module_of_ours():
    for file in (ROOT / "src" / "rosenblatt").iterdir():
        if file.stem not in ("__init__", "__pycache__") and (file.suffix == ".py" or file.is_dir()):
            home = importlib.import_module(f"rosenblatt.{file.stem}")
            assert getattr(rosenblatt, file.stem) is home
