"""The committed notebooks run from top to bottom, as a person runs them, and are notebooks."""

import ast
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BOOKS = sorted((ROOT / "report" / "guide").glob("*.ipynb"))
CELL = {"cell_type", "id", "metadata", "source"}  # nbformat 4.5, with outputs in code alone


def run(code, namespace):
    """Run a cell; return what a notebook would show of it: its last line, where that is a value."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, monkeypatch):
    book = json.loads(path.read_text("utf-8"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == len(ids)
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(sys, "path", list(sys.path))
    namespace, shown = {}, []
    for cell in book["cells"]:
        code = cell["cell_type"] == "code"
        assert cell.keys() == CELL | ({"execution_count", "outputs"} if code else set())
        assert not code or (cell["execution_count"], cell["outputs"]) == (None, [])
        if code:
            shown.append(run("".join(cell["source"]), namespace))
    tables = [one._repr_html_() for one in shown if hasattr(one, "_repr_html_")]
    assert len(tables) >= 5
    assert namespace["network"].history[-1]["epoch"] == 10
    assert shown[-1] > 0.8  # of a hundred digits


def test_there_is_one():
    assert BOOKS
