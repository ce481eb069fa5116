"""Kaggle's program is called as it wants to be, and its refusals are explained."""

import os
import stat

import pytest

from rosenblatt.challenge import kaggle as program
from rosenblatt.challenge.kaggle import Submission, competition_name, submissions, upload
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
        ("gone", 3, "by the web page"),
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


HEAD = "fileName,date,description,status,publicScore,privateScore"


def test_submissions_are_read_by_the_names_of_their_columns(kaggle):
    warning = "Warning: Looks like you're using an outdated API Version"
    kaggle(f"{warning}\nref,{HEAD}\n7,a.csv,2026-11-28 09:00:00,try 1,complete,0.75,", 0)
    assert submissions("mva") == [
        Submission("a.csv", "2026-11-28 09:00:00", "try 1", "complete", 0.75)
    ]
    kaggle(f"{HEAD}\nb.csv,2026-11-28,x,SubmissionStatus.PENDING,,", 0)
    assert submissions("mva") == [Submission("b.csv", "2026-11-28", "x", "pending", None)]
    kaggle("No submissions found", 0)
    assert submissions("mva") == []
    kaggle("403 - Forbidden", 1)
    with pytest.raises(UserError, match=r"lists no submissions to mva.*typed wrong"):
        submissions("mva")


def test_an_older_one_of_the_same_name_is_not_the_one(monkeypatch):
    old = Submission("a.csv", "2026-11-27", "x", "complete", 0.5)
    new = Submission("a.csv", "2026-11-28", "x", "complete", 0.7)
    waiting = Submission("a.csv", "2026-11-28", "x", "pending", None)
    answers = iter([[old], [waiting, old], [new, old]])
    monkeypatch.setattr(program, "PAUSE", 0.0)
    monkeypatch.setattr(program, "submissions", lambda name: next(answers))
    assert program.scored("mva", "a.csv", "x", [old], 9) == new
    monkeypatch.setattr(program, "submissions", lambda name: [old])
    assert program.scored("mva", "a.csv", "x", [old], 0) is None


@pytest.mark.parametrize(
    "text",
    ["titanic", "https://www.kaggle.com/competitions/titanic/overview", "kaggle.com/c/titanic"],
)
def test_a_competition_by_its_name_or_address(text):
    assert competition_name(text) == "titanic"


@pytest.mark.parametrize("text", ["", "Titanic", "../titanic", "-x", "a b", "https://x.org/c/t"])
def test_what_is_no_competition(text):
    with pytest.raises(UserError, match="copy it from the address"):
        competition_name(text)
