"""The sources that decide a result: found through all imports, and nothing beside them."""

import ast
import shutil
from pathlib import Path

import pytest

from rosenblatt import sources
from rosenblatt.kernels.core import jit
from rosenblatt.sources import ROOT, sources_digest, sources_of

FILES = {
    "__init__.py": "",
    "kernels/__init__.py": "",
    "kernels/core/__init__.py": "from rosenblatt.kernels.core.other import g",
    "kernels/core/tile.py": "def f(): ...",
    "kernels/core/other.py": "def g(): ...",
    "kernels/core/gemm.py": "from rosenblatt.kernels.core.tile import f",
    "kernels/vision/__init__.py": "",
    "kernels/vision/sums.py": "from ..core import gemm\nfrom rosenblatt import errors",
    "errors.py": "",
    "classic.py": "import rosenblatt.kernels.vision.sums as sums",
    "members/__init__.py": "from . import network",
    "members/network.py": "NAMES = 'table.toml', 'absent.toml'",
    "members/table.toml": "x = 1",
    "alone.py": "from rosenblatt.kernels.core import f",
    "pipeline.py": """
def learn(kind):
    '''from rosenblatt import nothing'''
    if kind:
        try:
            from rosenblatt import classic, members
        except ImportError:
            import rosenblatt.alone
""",
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(root, module, within="rosenblatt"):
    found = sources_of(module, within, root)
    return {path.relative_to(root).as_posix() for path in found}


def test_imports_are_followed_wherever_they_stand(root):
    assert names(root, "rosenblatt.pipeline") == set(FILES)
    assert names(root, "rosenblatt.kernels.core.gemm") == {
        "__init__.py", "kernels/__init__.py", "kernels/core/__init__.py", "kernels/core/gemm.py",
        "kernels/core/tile.py",
    }  # fmt: skip
    assert "kernels/core/other.py" in names(root, "rosenblatt.alone")  # a name of the package
    inside = names(root, "rosenblatt.kernels.vision.sums", "rosenblatt.kernels")
    assert inside >= {"kernels/core/gemm.py", "kernels/core/tile.py", "kernels/vision/sums.py"}
    assert not inside & {"errors.py", "__init__.py", "kernels/core/other.py"}
    with pytest.raises(ValueError, match=r"no module rosenblatt\.absent"):
        sources_of("rosenblatt.absent", root=root)


@pytest.mark.parametrize("changed", ["kernels/core/tile.py", "members/table.toml", "alone.py"])
def test_an_edit_changes_what_depends_on_it_and_nothing_else(root, changed):
    modules = [f"rosenblatt.{name[:-3].replace('/', '.')}" for name in FILES if name[-3:] == ".py"]
    modules = [name.removesuffix(".__init__") for name in modules]
    before = {name: sources_digest(name, root=root) for name in modules}
    (root / changed).write_text("x = 2")
    _forget()
    for name in modules:
        different = sources_digest(name, root=root) != before[name]
        assert different == (changed in names(root, name)), name


def _forget():
    for function in (sources_digest, sources_of, sources._needs):
        function.cache_clear()


KERNELS = ("core.gemm", "similarity.gram", "convolution.pooling")


@pytest.mark.parametrize(
    ("changed", "fits", "kernels"),
    [
        ("members/base.py", True, ()),
        ("features/whitening.py", True, ()),
        ("kernels/core/tile.py", True, ("core.gemm",)),
        ("kernels/similarity/gram.py", True, ("similarity.gram",)),
        ("errors.py", True, ()),
        ("gallery/metric.py", False, ()),
        ("cli/evaluate.py", False, ()),
        ("report/pdf.py", False, ()),
    ],
)
def test_kept_fits_and_kernels_of_this_package(tmp_path, changed, fits, kernels):
    copy = tmp_path / "rosenblatt"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def digests():
        _forget()
        return [
            sources_digest("rosenblatt.pipeline.ensemble", root=copy),
            *(
                sources_digest(f"rosenblatt.kernels.{name}", "rosenblatt.kernels", copy)
                for name in KERNELS
            ),
        ]

    before = digests()
    with (copy / changed).open("a") as file:
        file.write("# another line\n")
    found = [a != b for a, b in zip(before, digests(), strict=True)]
    assert found == [fits, *(name in kernels for name in KERNELS)]


ROOMS = {  # what is edited: who builds on it, as far as three imports deep, and who does not
    "core.vectors": (
        ("core.tile", "core.gemm", "core.dot", "convolution.pooling", "recurrent.lstm"),
        ("core.copying", "similarity.smo", "vision.sift"),
    ),
    "convolution.geometry": (
        ("convolution.direct", "convolution.winograd", "convolution.dispatch"),
        ("convolution.pooling", "convolution.cook_toom", "core.gemm", "recurrent.gru"),
    ),
    "recurrent.blocks": (("recurrent.gru", "recurrent.products"), ("recurrent.attention",)),
    "similarity.kmers": (
        ("similarity.alignment", "similarity.hidden_markov"),
        ("similarity.gram", "vision.patches"),
    ),
    "vision.hog": (("vision.sift",), ("vision.graph_segmentation", "similarity.kmers")),
    "core.jit": (("core.random", "neural.softmax", "vision.boxes"), ("core.workspace",)),
}


@pytest.mark.parametrize("edited", ROOMS)
def test_an_edit_in_one_room_empties_the_right_caches(tmp_path, monkeypatch, edited):
    copy, (building, apart) = tmp_path / "rosenblatt", ROOMS[edited]
    shutil.copytree(
        ROOT / "kernels", copy / "kernels", ignore=shutil.ignore_patterns("__pycache__")
    )
    monkeypatch.setattr(jit, "sources_digest", lambda *names: sources_digest(*names, copy))

    def folders():
        _forget()
        names = (edited, *building, *apart)
        return {name: jit.kernel_folder(f"{jit.PACKAGE}.{name}") for name in names}

    before = folders()
    with (copy / "kernels" / f"{edited.replace('.', '/')}.py").open("a") as file:
        file.write("# another line\n")
    changed = {name for name, folder in folders().items() if folder != before[name]}
    assert changed == {edited, *building}


def test_no_import_is_hidden_from_the_closure():
    """All `import` statements stand in blocks that are walked; ast.walk is the other source."""
    for path in Path(ROOT).rglob("*.py"):
        tree = ast.parse(path.read_bytes())
        every = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
        walked = list(sources._statements(tree.body))
        assert {id(n) for n in every} <= {id(n) for n in walked}


def imports(tree):
    return {
        ast.dump(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
    }


def test_the_quick_look_at_imports_sees_all_of_each_kernel_source():
    quick = 0
    for path in (ROOT / "kernels").rglob("*.py"):
        content = path.read_bytes()
        found, whole = sources._tree(content, path), ast.parse(content)
        assert imports(found) == imports(whole), path
        quick += len(found.body) < len(whole.body)
    assert quick > 60  # most are looked at quickly


@pytest.mark.parametrize(
    "text",
    [
        "import a; import b\n", "x = 1; import a\n", "if x: import a\n", "from . import a\n",
        "from a import \\\n    b\n", "from a import (  # import more\n    b,\n)\n",
        "import a  # and why\n", "import a as b, c\n", "from .. import (a,\n  b)\n",
        '"""Says\nfrom nowhere import nothing at all\n"""\nimport a\n', "x = 'import'\n",
        "try:\n    import a\nexcept E:\n    pass\n", "def f():\n\tfrom a.b import c\n",
    ],
)  # fmt: skip
def test_no_form_of_an_import_is_overlooked(text):
    content = text.encode()
    assert imports(ast.parse(content)) <= imports(sources._tree(content, Path("x.py")))
