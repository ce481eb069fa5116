"""Exercises: the shipped source passes, what is left out fails, and so does each mutation."""

import pytest

from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.exercises import HEAD, check, cut, exercises
from rosenblatt.layers.base import MODULES
from rosenblatt.site.source_pages import Sources

SOURCES = Sources()
MUTATIONS = {  # of the solution: a line, and what a tired student writes
    "Dense.backward": ("transpose=(True, False)))", "transpose=(True, False)) * 2)"),
    "BatchNormalisation.backward": ("if train else 0.0", "if not train else 0.0"),
    "PReLU.backward": ("self.slopes.value, d_x", "self.slopes.value + 1, d_x"),
    "leaky_relu": ("x[i] * slope", "x[i] * (slope + slope)"),
}


def solution(name, tmp_path):
    module, _ = SOURCES.node(exercises()[name])
    file = tmp_path / "mine.py"
    file.write_text(f"{HEAD}{name}\n{module.text}")
    return file


@pytest.mark.parametrize("name", exercises())
def test_the_shipped_source_is_right_and_a_hole_is_not(name, tmp_path):
    known = dict(MODULES)
    assert list(check(solution(name, tmp_path)))
    assert known == MODULES  # a student's layer takes the place of none
    file = tmp_path / "hole.py"
    file.write_text(cut(name))
    line = next(n for n, text in enumerate(cut(name).splitlines(), 1) if "yours:" in text)
    with pytest.raises(UserError, match=rf"hole\.py: line {line}: NotImplementedError: yours"):
        list(check(file))


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_found_and_the_difference_said(name, tmp_path):
    file = solution(name, tmp_path)
    right, wrong = MUTATIONS[name]
    text = file.read_text()
    assert text.count(right) >= 1
    file.write_text(text.replace(right, wrong))
    with pytest.raises(UserError, match=r"is wrong in \d+ of \d+ places|Error"):
        list(check(file))


def test_the_command_lists_writes_and_judges(tmp_path, capsys):
    assert main(["exercise"]) == 0
    assert "Dense.backward" in capsys.readouterr().out
    file = tmp_path / "dense.py"
    assert main(["exercise", "Dense.backward", "--out", str(file)]) == 0
    text = file.read_text()
    assert "dW = x^T d, db = sum of d" in text  # the chain rule stays
    assert main(["exercise", "Dense.backward", "--out", str(file)]) == 2  # nothing is lost
    assert main(["exercise", "--check", str(file)]) == 2
    assert "gemm(rows, d, d_weight" not in text  # and the solution does not
    capsys.readouterr()
    assert main(["exercise", "Nothing.backward", "--out", str(tmp_path / "x.py")]) == 2
    assert "there is no exercise" in capsys.readouterr().err
    (tmp_path / "other.py").write_text("print(1)\n")
    assert main(["exercise", "--check", str(tmp_path / "other.py")]) == 2
    assert "is not an exercise" in capsys.readouterr().err
