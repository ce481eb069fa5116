"""The local leaderboard counts what it should."""

import pytest

from rosenblatt.challenge.board import score
from rosenblatt.errors import UserError
from tests.challenge.folders import lines


@pytest.fixture
def solution(tmp_path):
    path = tmp_path / "solution.csv"
    rows = ["1,a,Public", "2,b,Private", "3,a,Private", "4,a,Public", "5,b,Private"]
    lines(path, ["Id,Prediction,Usage", *rows])
    return path


def test_public_and_private_apart(tmp_path, solution):
    path = tmp_path / "out.csv"
    lines(path, ["Id,Prediction", "5,b", "1,a", "2,a", "3,a", "4,b"])
    scores = score(path, solution)
    assert scores.public == 1 / 2
    assert scores.private == 2 / 3
    assert scores.overall == 3 / 5


def test_faults_are_named(tmp_path, solution):
    path = tmp_path / "out.csv"
    lines(path, ["Id,Prediction", "1,a"])
    with pytest.raises(UserError, match="Id 2 is missing"):
        score(path, solution)
    lines(solution, ["Id,Prediction,Usage", "1,a,Ignored"])
    with pytest.raises(UserError, match="row 2: expected Id, label and Public or Private"):
        score(path, solution)
    lines(solution, ["Id,Prediction,Usage", "1,a,Public"])
    with pytest.raises(UserError, match="has no Private rows"):
        score(path, solution)
