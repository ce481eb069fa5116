"""The local leaderboard counts what it should."""

import math

import pytest

from rosenblatt.challenge.board import Scores, grade
from rosenblatt.errors import UserError
from rosenblatt.metrics import METRICS
from tests.challenge.folders import lines


def score(path, solution, metric="accuracy", classes=()) -> Scores:
    return grade(path, solution, METRICS[metric], classes).scores()


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
    with pytest.raises(UserError, match="Kaggle hands none out; write one"):
        score(path, tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["Id,P", "1,a", "2,b", "3,a", "2,a"], r"row 5: Id 2 occurs already in row 3; keep one"),
        (["Id,P", "1,a", "2"], r"out\.csv: row 3: expected the Id and the label"),
        (["Id,P,more", "1,a,0"], r"out\.csv: row 2: expected the Id and the label"),
        (["1,a", "2,b", "3,a", "4,a", "5,b"], r"row 1: holds an Id where the names"),
    ],
)
def test_files_that_cannot_be_joined_by_id_are_refused(tmp_path, solution, rows, message):
    lines(tmp_path / "out.csv", rows)
    with pytest.raises(UserError, match=message):
        score(tmp_path / "out.csv", solution)


def test_equal_numbers_are_equal_labels(tmp_path):
    lines(tmp_path / "solution.csv", ["Id,P,Usage", "1,1.0,Public", "2,0,Private"])
    lines(tmp_path / "out.csv", ["Id,P", '2," 0"', "1,1"])
    assert score(tmp_path / "out.csv", tmp_path / "solution.csv").overall == 1


@pytest.mark.parametrize("label", ["cat", "", "l", "11", "0.5", "Yes"])
@pytest.mark.parametrize("classes", [("0", "1"), ("yes", "no")])
def test_a_label_that_is_no_class_is_no_wrong_answer_but_a_fault(tmp_path, label, classes):
    solution, path = tmp_path / "solution.csv", tmp_path / "out.csv"
    lines(solution, ["Id,Label,Usage", f"1,{classes[0]},Public", f"2,{classes[1]},Private"])
    lines(path, ["Id,Label", f"1,{classes[0]}", f"2,{label}"])
    with pytest.raises(UserError, match=r"row 3: the label '.*' is no class"):
        score(path, solution)
    assert score(path, solution, classes=[label]).private == 0


def test_values_need_the_metric_that_judges_them(tmp_path):
    lines(tmp_path / "s.csv", ["Id,Price,Usage", "1,10,Public", "2,0.5,Private"])
    lines(tmp_path / "out.csv", ["Id,Price", "2,10", "1,7"])
    with pytest.raises(UserError, match=r"s\.csv: row 3: '0.5' is a value and no class; write the"):
        score(tmp_path / "out.csv", tmp_path / "s.csv")
    found = score(tmp_path / "out.csv", tmp_path / "s.csv", "mae")
    assert found == Scores(3, 9.5, 6.25)
    lines(tmp_path / "out.csv", ["Id,Price", "1,7", "2,many"])
    with pytest.raises(UserError, match=r"out\.csv: row 3: 'many' is no number"):
        score(tmp_path / "out.csv", tmp_path / "s.csv", "mae")


def test_scores_and_the_positive_class_are_the_contests(tmp_path):
    rows = ["1,n,Public", "2,y,Public", "3,y,Private", "4,n,Private", "5,y,Private"]
    lines(tmp_path / "s.csv", ["Id,P,Usage", *rows])
    lines(tmp_path / "out.csv", ["Id,P", "5,.9", "1,.1", "2,.2", "3,.3", "4,.4"])
    solution, path = tmp_path / "s.csv", tmp_path / "out.csv"
    found = score(path, solution, "auc", ("n", "y"))
    assert (found.public, found.private) == (1, 0.5)
    assert score(path, solution, "auc", ("y", "n")).private == 0.5
    assert score(path, solution, "auc", ("y", "n")).public == 0
    assert score(path, solution, "brier", ("n", "y")).public == pytest.approx(0.325)
    lines(path, ["Id,P", "5,y", "1,y", "2,y", "3,n", "4,n"])
    assert score(path, solution, "f1", ("n", "y")).private == pytest.approx(2 / 3)
    assert score(path, solution, "f1", ("y", "n")).private == pytest.approx(2 / 3)
    assert score(path, solution, "f1", ("n", "y")).public == pytest.approx(2 / 3)
    assert score(path, solution, "f1", ("y", "n")).public == 0


def test_several_values_and_columns_of_classes_are_scored_by_their_names(tmp_path):
    path, solution = tmp_path / "out.csv", tmp_path / "solution.csv"
    lines(solution, ["Id,heat,cool,Usage", "1,1,5,Public", "2,2,6,Private"])
    lines(path, ["Id,cool,heat", "2,6,4", "1,8,1"])
    columns = (("cool", 1), ("heat", 0))
    found = grade(path, solution, METRICS["mae"], (), columns).scores()
    assert (found.public, found.private, found.overall) == (1.5, 1.0, 1.25)
    lines(solution, ["Id,kind,Usage", "1,b,Public", "2,c,Private"])
    lines(
        path, ["Id,c,a,b", "1,1,1,2", "2,2,0,0"]
    )  # shares are made of numbers that add up to 4, 2
    found = grade(path, solution, METRICS["log_loss"], "abc", (("c", 2), ("a", 0), ("b", 1)))
    assert found.scores().public == pytest.approx(-math.log(0.5))
    assert found.scores().private == pytest.approx(0, abs=1e-9)
    lines(path, ["Id,c,a", "1,1,1", "2,2,0"])
    with pytest.raises(UserError, match=r"row 1: has no column 'b'; name its columns as Id, a, b"):
        grade(path, solution, METRICS["log_loss"], "abc", (("c", 2), ("a", 0), ("b", 1)))
