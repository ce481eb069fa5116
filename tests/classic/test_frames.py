"""What comes in as samples: arrays, lists and tables, of numbers or of what looks like them."""

from decimal import Decimal

import numpy as np
import pytest

from rosenblatt.classic import LogisticRegression
from rosenblatt.classic.frames import NotANumberError, as_learned, as_table, column_names
from rosenblatt.errors import UserError
from tests.classic.examples import LABELS, NEW, Frame, X


class Sparse:
    """A sparse matrix, as far as one is told by."""

    def toarray(self):
        return X


def test_numbers_in_any_dress_are_the_same_numbers():
    wanted = np.array([[1.0, 2.0], [0.0, 1.0]])
    for same in (
        wanted,
        wanted.tolist(),
        wanted.astype(object),
        np.array([[1, np.float32(2)], [False, np.True_]], object),
        Frame({"a": [1, 0], "b": np.array([2.0, 1.0])}),
        Frame({"a": np.array([True, False]), "b": np.array([2, np.True_], object)}),
        Frame({0: [1, 0], 1: [2, 1]}),
    ):
        np.testing.assert_array_equal(as_table(same), wanted)


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (Sparse(), "sparse samples; give an array"),
        (X[:, 0], "Reshape your data"),
        (X[:, :0], r"0 feature\(s\) \(shape=\(21, 0\)\) while a minimum of 1"),
        (X + 1j, "Complex data not supported"),
        ([["1", "2"]], "of type <U1"),
        (np.ma.masked_array(X), "with a mask"),
        ([[1.0, 2.0], [3.0]], "differ in length"),
        (Frame({"a": [1, 2], "b": ["x", "y"]}), "column 'b' of type <U1"),
    ],
)
def test_what_is_no_table_of_numbers_is_named(samples, words):
    with pytest.raises(UserError, match=words):
        as_table(samples)


@pytest.mark.parametrize("cell", ["7", None, Decimal(1), {}, 1j])
def test_a_cell_that_is_no_number_is_named_by_its_place(cell):
    with pytest.raises(NotANumberError, match="row 2, column 3 of the samples is ") as error:
        as_table(np.array([[1, 2, 3], [4, 5, cell]], object))
    assert isinstance(error.value, TypeError)
    with pytest.raises(NotANumberError, match="row 2 of the column 'age' is "):
        as_table(Frame({"age": np.array([1, cell], object)}))


def test_names_that_decide_nothing_are_refused():
    twice = Frame({"a": [1], "b": [2]})
    twice.columns = ["a", "a"]
    with pytest.raises(UserError, match="'a' occurs 2 times"):
        column_names(twice)
    with pytest.raises(UserError, match="some columns have texts for names"):
        column_names(Frame({"a": [1], 2: [3]}))
    assert column_names(Frame({1: [1], 2: [3]})) is None
    assert column_names(X) is None


def test_columns_too_many_and_too_few_are_listed():
    given = Frame({name: [1.0] for name in "abcdefgh"})
    with pytest.raises(UserError, match="no 'x'; nothing was learned of 'b', 'c', 'd', 'e', 'f'; "):
        as_learned(given, ["a", "x"], 2, "SVM")


def test_a_table_of_pandas_is_a_table():
    pandas = pytest.importorskip("pandas")
    columns = {"age": X[:, 0], "fare": X[:, 1], "child": X[:, 2] > 0.5}
    machine = LogisticRegression().fit(pandas.DataFrame(columns), pandas.Series(LABELS))
    assert machine.feature_names_in_.tolist() == ["age", "fare", "child"]
    new = {"child": NEW[:, 2] > 0.5, "fare": NEW[:, 1], "age": NEW[:, 0]}
    array = np.stack([NEW[:, 0], NEW[:, 1], NEW[:, 2] > 0.5], 1)
    with pytest.warns(UserWarning, match="no names"):
        wanted = machine.decision_function(array)
    np.testing.assert_array_equal(machine.decision_function(pandas.DataFrame(new)), wanted)
    missing = pandas.DataFrame(columns).astype({"age": "Float64"})
    missing.loc[3, "age"] = pandas.NA
    with pytest.raises(UserError, match="row 4, column 1 of the samples is nan"):
        machine.predict(missing)
