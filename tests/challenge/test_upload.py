"""Kaggle's program is called as it wants to be, and its refusals are explained."""

import os
import stat

import pytest

from rosenblatt.challenge.upload import upload
from rosenblatt.errors import UserError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


@pytest.fixture
def kaggle(tmp_path, monkeypatch):
    """Put a program `kaggle` first in the path that prints its arguments, an answer, and exits."""

    def arrange(answer, code):
        program = tmp_path / "kaggle"
        program.write_text(f'#!/bin/sh\necho "$@"\necho "{answer}"\nexit {code}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return arrange


def test_success(kaggle, tmp_path):
    kaggle("Successfully submitted to X", 0)
    assert upload(tmp_path / "a.csv", "mva", "try 1") == "Successfully submitted to X"


def test_the_arguments(kaggle, tmp_path):
    kaggle("", 1)
    with pytest.raises(UserError) as caught:
        upload(tmp_path / "a b.csv", "mva", "try 1")
    assert f"competitions submit mva -f {tmp_path / 'a b.csv'} -m try 1" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ("403 - Forbidden - Permission 'competitions.participate' was denied", 1, "typed wrong"),
        ("400 - Bad Request", 0, "gives no reason"),
        ("401 - Unauthorized", 1, "new token"),
        ("ModuleNotFoundError: No module named 'six'", 1, "lacks a package"),
        ("OSError: Could not find kaggle.json", 1, "never keeps it"),
        ("gone", 3, "passed `check`"),
    ],
)
def test_refusals(kaggle, tmp_path, answer, code, words):
    kaggle(answer, code)
    with pytest.raises(UserError, match=words):
        upload(tmp_path / "a.csv", "mva", "try")


def test_no_program(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="not installed"):
        upload(tmp_path / "a.csv", "mva", "try")


def test_a_code_within_the_users_own_words_is_none(kaggle, tmp_path):
    kaggle("400 - Bad Request", 1)
    with pytest.raises(UserError, match="gives no reason"):
        upload(tmp_path / "401" / "a.csv", "course-403", "attempt 404")
