"""Plant each kind of breach of the do-it-yourself rule, and see it caught."""

import json
import shutil
from pathlib import Path

import pytest

from rosenblatt import cli
from rosenblatt.challenge.audit import (
    BANNED_DISTRIBUTIONS,
    BANNED_MODULES,
    audit,
    banned_part,
    check_dependencies,
    check_imports,
    check_loaded,
    check_scripts,
)
from rosenblatt.errors import UserError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path):
    """A small project whose package is called rosenblatt, clean to begin with."""
    package = tmp_path / "src" / "rosenblatt"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import json\n")
    (package / "layers.py").write_text("import os\n")
    (tmp_path / "start.py").write_text("import sys\n")
    (tmp_path / "requirements.lock").write_text("numpy==2.4.6 \\\n    --hash=sha256:00\n")
    return tmp_path


def install(folder: Path, name: str, *requirements: str) -> None:
    """Leave the metadata that pip would leave for a package."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    lines = [f"Requires-Dist: {requirement}" for requirement in requirements]
    header = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0"]
    (info / "METADATA").write_text("\n".join([*header, *lines]) + "\n")


@pytest.mark.parametrize(
    ("rules", "source", "found"),
    [
        ("numpy-only", "import json\nimport numpy as np\nfrom other import f", []),
        ("numpy-only", "import numba", ["numba"]),
        ("numpy-only", "from pandas.io import sql", ["pandas.io.sql"]),
        ("no-ml-libraries", "import numba, torch.nn", ["torch.nn"]),
    ],
)
def test_scripts_are_judged_by_the_rules_of_their_folder(rules, source, found, tmp_path, capsys):
    (tmp_path / "run.py").write_text(source + "\n")
    (tmp_path / "other.py").write_text("f = 1\n")
    (tmp_path / "challenge.toml").write_text(f'rules = "{rules}"\n')
    check = check_scripts(tmp_path, rules)
    assert [finding.chain for finding in check.findings] == [(name,) for name in found]
    assert cli.main(["audit", str(tmp_path)]) == (2 if found else 0)
    assert all(f"{name} is banned" in capsys.readouterr().out for name in found)
    for file in tmp_path.glob("*.py"):
        file.unlink()
    with pytest.raises(UserError, match="holds neither src/ nor a script"):
        check_scripts(tmp_path, rules)


def test_this_project_is_clean():
    assert [finding for check in audit(ROOT) for finding in check.findings] == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import torch", "torch"),
        ("import numpy, sklearn.svm as svm", "sklearn.svm"),
        ("from sklearn.linear_model import Perceptron", "sklearn.linear_model.Perceptron"),
        ("def late():\n    from xgboost import *", "xgboost.*"),
        ("import importlib\nimportlib.import_module('cv2')", "cv2"),
        ("from importlib import import_module\nimport_module('jax.numpy')", "jax.numpy"),
        ("__import__('lightgbm')", "lightgbm"),
        ("from scipy import cluster", "scipy.cluster"),
        ("try:\n    import keras\nexcept ImportError:\n    pass", "keras"),
    ],
)
@pytest.mark.parametrize("place", ["src/rosenblatt/layers.py", "start.py"])
def test_a_planted_import_is_caught(project, source, name, place):
    (project / place).write_text(source + "\n")
    (finding,) = check_imports(project).findings
    assert finding.chain == (name,)
    line = next(i for i, text in enumerate(source.split("\n"), 1) if name.split(".")[0] in text)
    assert finding.where == f"{Path(place)}:{line}"


@pytest.mark.parametrize(
    "source",
    [
        "from scipy import linalg, optimize",
        "import torchlight, sklearned",
        "from . import torch",
        "from .sklearn import svm",
        "text = 'import torch'",
    ],
)
def test_what_only_looks_alike_is_allowed(project, source):
    (project / "src/rosenblatt/layers.py").write_text(source + "\n")
    assert check_imports(project).findings == ()


def test_a_planted_transitive_dependency_is_caught_with_its_chain(project, tmp_path):
    site = tmp_path / "site"
    install(site, "mlflow", "skinny-tracking", "numpy")
    install(site, "skinny_tracking", "scikit_learn>=1 ; python_version > '3'")
    install(site, "scikit-learn", "numpy")
    install(site, "numpy")
    lock = project / "requirements.lock"
    lock.write_text("mlflow==1.0\nnumpy==1.0\nscikit-learn==1.0\nskinny-tracking==1.0\n")
    (finding,) = check_dependencies(project, [str(site)]).findings
    assert finding.chain == ("mlflow", "skinny-tracking", "scikit-learn")
    assert finding.family == "general machine learning"
    assert "mlflow -> skinny-tracking -> scikit-learn" in str(finding)


def test_a_chain_starts_at_a_declared_dependency(project, tmp_path):
    site = tmp_path / "site"
    (project / "pyproject.toml").write_text("[project]\ndependencies = ['tracker>=1']\n")
    (project / "requirements.lock").write_text("tracker==1.0\n")
    install(site, "umbrella", "tracker")
    install(site, "tracker", "torch")
    (finding,) = check_dependencies(project, [str(site)]).findings
    assert finding.chain == ("tracker", "torch")


def test_markers_and_extras_are_followed_as_pip_does(project, tmp_path):
    site = tmp_path / "site"
    (project / "requirements.lock").write_text("a==1.0\n")
    install(site, "a", "b[fast]", "tensorflow; sys_platform == 'nowhere'", "torch; extra == 'gpu'")
    install(site, "b", "xgboost; extra == 'fast'", "catboost; extra == 'slow'")
    findings = check_dependencies(project, [str(site)]).findings
    assert [finding.chain for finding in findings] == [("a", "b", "xgboost")]


def test_a_locked_library_is_caught_where_it_is_not_installed(project, tmp_path):
    (project / "requirements.lock").write_text("Scikit_Learn==1.0 ; sys_platform == 'nowhere'\n")
    (finding,) = check_dependencies(project, [str(tmp_path)]).findings
    assert finding.chain == ("scikit-learn",)


def test_requirements_in_a_circle_end(project, tmp_path):
    (project / "requirements.lock").write_text("a==1.0\n")
    install(tmp_path / "site", "a", "b")
    install(tmp_path / "site", "b", "a", "keras")
    (finding,) = check_dependencies(project, [str(tmp_path / "site")]).findings
    assert finding.chain[-1] == "keras"


def test_a_loaded_library_is_caught(monkeypatch):
    assert check_loaded(["sys", "numpy", "scipy.optimize"]).findings == ()
    (finding,) = check_loaded(["sys", "sklearn", "sklearn.svm", "sklearn.svm._base"]).findings
    assert finding.chain == ("sklearn",)
    monkeypatch.setitem(__import__("sys").modules, "catboost", object())
    assert ("catboost",) in [finding.chain for finding in check_loaded().findings]


def test_a_library_loaded_behind_a_computed_name_is_caught(project):
    hidden = project / "src" / "xgboost.py"
    hidden.write_text("")
    layers = project / "src/rosenblatt/layers.py"
    layers.write_text("import importlib\nimportlib.import_module('xg' + 'boost')\n")
    imports, _, loaded = audit(project)
    assert imports.findings == ()
    assert [finding.chain for finding in loaded.findings] == [("xgboost",)]


def test_what_only_a_training_loads_is_caught(project):
    (project / "data" / "digits").mkdir(parents=True)
    (project / "src" / "catboost.py").write_text("")
    late = "def main(argv):\n    __import__('cat' + 'boost')\n    return argv[0] != 'submit'\n"
    (project / "src/rosenblatt/cli.py").write_text(late)
    *_, loaded = audit(project)
    assert [finding.chain for finding in loaded.findings] == [("catboost",)]


def test_the_command_reports_and_returns_two(project, capsys):
    (project / "src/rosenblatt/layers.py").write_text("import lasagne\n")
    report = project / "audit.json"
    assert cli.main(["audit", str(project), "--json", str(report)]) == 2
    assert "layers.py:1: lasagne is banned (deep learning" in capsys.readouterr().out
    figures = json.loads(report.read_text())
    assert not figures["clean"]
    assert [len(check["findings"]) for check in figures["checks"]] == [1, 0, 0]
    (project / "src/rosenblatt/layers.py").write_text("")
    assert cli.main(["audit", str(project)]) == 0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda root: shutil.rmtree(root / "src"), ["src", "missing"]),
        (lambda root: (root / "start.py").write_text("def"), ["start.py, line 1", "not Python"]),
        (
            lambda root: (root / "src/rosenblatt/layers.py").write_text("import nowhere_at_all"),
            ["rosenblatt.layers cannot be imported", "nowhere_at_all"],
        ),
        (
            lambda root: (root / "src/rosenblatt/__init__.py").write_text("raise OSError('full')"),
            ["cannot be imported", "full"],
        ),
        (
            lambda root: (
                (root / "data" / "digits").mkdir(parents=True),
                (root / "src/rosenblatt/cli.py").write_text("def main(argv):\n    return 2\n"),
            ),
            ["cannot be imported or trained"],
        ),
    ],
)
def test_what_cannot_be_audited_is_said(project, spoil, words):
    spoil(project)
    with pytest.raises(UserError) as caught:
        audit(project)
    assert all(word in str(caught.value) for word in words)


def test_the_list_names_what_people_would_reach_for():
    for name in ("sklearn", "torch", "tensorflow", "keras", "jax", "xgboost", "lightgbm", "cv2"):
        assert banned_part(name + ".anything") == name
    for name in ("scikit-learn", "pytorch-lightning", "opencv-python", "libsvm-official"):
        assert name in BANNED_DISTRIBUTIONS
    assert not {"numpy", "scipy", "pandas", "numba", "matplotlib"} & BANNED_MODULES.keys()
