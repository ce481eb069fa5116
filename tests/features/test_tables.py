"""Features of columns: what training rows teach, and nothing else, decides how rows look."""

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.features.tables.cells import Cells
from rosenblatt.features.tables.dates import Dates
from rosenblatt.features.tables.derived import Derivation
from rosenblatt.features.tables.encoding import AS_IT_IS, SCALED, TableTerm, encode
from rosenblatt.features.tables.feature import ColumnFeature, TargetFeature
from rosenblatt.features.tables.levels import Choices, Frequency, OneHot
from rosenblatt.features.tables.numbers import Numbers
from rosenblatt.features.tables.words import Words

RNG = np.random.default_rng(5)
LEVELS = pandas.CategoricalDtype(["a", "b", "c", "new"])
FRAME = pandas.DataFrame(
    {
        "age": np.where(RNG.random(60) < 0.2, np.nan, RNG.normal(40, 9, 60)),
        "job": pandas.Categorical(RNG.choice(["a", "b", "c"], 60), dtype=LEVELS),
        "rooms": pandas.Categorical(RNG.choice([1.0, 2.0, 9.0], 60), ordered=True),
        "seen": np.datetime64("2011-01-01") + RNG.integers(0, 9e4, 60) * np.timedelta64(3600, "s"),
        "genres": pandas.Series([[("a",), ("a", "b"), None][k] for k in RNG.integers(0, 3, 60)]),
        "note": pandas.Series([f"fire near {k} rivers" for k in range(60)], dtype="str"),
    }
)  # fmt: skip
SCALES = [Numbers(scale=scale) for scale in ("standard", "none", "log", "robust", "quantile")]
EACH = (Cells(), *SCALES, OneHot(), Frequency(), Choices(), Dates(), Words(), Words(of="letters"),
        Words(of="parts"))  # fmt: skip


def test_every_kind_of_feature_is_tried_here():
    """Those that see the target in test_leaks, those that make columns in test_derived."""
    others = {name for name, kind in ColumnFeature.kinds().items()
              if issubclass(kind, Derivation | TargetFeature)}  # fmt: skip
    assert {feature.kind for feature in EACH} == {*ColumnFeature.kinds()} - others


@pytest.mark.parametrize("feature", EACH, ids=lambda f: f"{f.kind} {getattr(f, 'scale', '')}")
def test_a_row_looks_the_same_alone_and_among_others(feature):
    train, test = FRAME[:40], FRAME[40:]
    encoding, rows = encode(train, (feature,))
    whole = encoding(test)
    assert whole.dtype == rows.dtype == np.float32
    assert np.isfinite(whole).all() or feature.kind == "cells"
    assert len(encoding.names) == whole.shape[1] == len({*encoding.names})
    fellow = 1 / len(train) if feature.kind == "frequency" else 0  # a row is not its own
    np.testing.assert_allclose(encoding(train) - fellow, rows, atol=1e-7)
    np.testing.assert_array_equal(whole[7:8], encoding(test[7:8]))
    order = RNG.permutation(40)  # of the training rows
    again, _ = encode(train.iloc[order], (feature,))
    np.testing.assert_allclose(again(test), whole, rtol=1e-6)


def test_levels_that_training_rows_lack_are_rare_and_missing_ones_are_a_level():
    column = pandas.Series(pandas.Categorical(["a"] * 30 + ["b"] * 29 + ["c"], dtype=LEVELS))
    new = pandas.Series(pandas.Categorical(["a", "b", "c", "new", None], dtype=LEVELS))
    found = OneHot(rare=2).fit(column)(new)
    assert found.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    assert Frequency().fit(column)(new)[:, 0].tolist() == [30 / 60, 29 / 60, 1 / 60, 0, 0]


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
@settings(max_examples=50, deadline=None)
def test_quantiles_keep_the_order_and_lie_between_0_and_1(values):
    column = pandas.Series(values, dtype=float)
    found = Numbers(scale="quantile").fit(column)(column)[:, 0]
    order = np.argsort(values, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    assert 0 <= found.min() <= found.max() <= 1


def test_missing_numbers_are_the_median_and_flagged():
    column = pandas.Series([1.0, 5.0, np.nan, 3.0])
    assert Numbers(scale="none").fit(column)(column).tolist() == [[1, 0], [5, 0], [3, 1], [3, 0]]


def test_trees_get_codes_and_gaps_and_learners_of_distances_numbers_of_one_size():
    encoding, rows = encode(FRAME, AS_IT_IS)
    assert [encoding.names[place] for place in encoding.categorical] == ["job"]
    assert np.isnan(rows[:, encoding.names.index("age")]).sum() == FRAME["age"].isna().sum()
    codes = rows[:, encoding.names.index("rooms")]
    np.testing.assert_array_equal(codes, FRAME["rooms"].astype(float))
    encoding, rows = encode(FRAME, SCALED)
    assert encoding.categorical == ()
    assert {"age", "age missing", "job = a", "genres has b", "seen year"} <= {*encoding.names}
    assert np.abs(rows).max() < 10


def test_numbers_and_images_are_taken_as_they_are():
    images = RNG.random((3, 2, 2, 2))
    encoding, rows = encode(images)
    np.testing.assert_array_equal(rows, images.reshape(3, 8).astype("f4"))
    assert encoding.names == tuple("12345678")


def test_codes_with_signs_fall_into_their_pieces():
    column = pandas.Series(["B/0/P", "B-1-P", "C/0/S"], dtype="str")
    found = Words(of="parts", buckets=4096).fit(column)(column)
    assert (np.count_nonzero(found, 1) == 3).all()
    shared = np.count_nonzero((found[:, None] > 0) & (found[None] > 0), 2)
    assert shared.tolist() == [[3, 2, 1], [2, 3, 0], [1, 0, 3]]


def test_what_does_not_suit_is_refused():
    with pytest.raises(UserError, match="no column 'agee'; did you mean age"):
        encode(FRAME, (Numbers(columns=("agee",)),))
    with pytest.raises(UserError, match="numbers: does not suit column 'job'"):
        encode(FRAME, (Numbers(columns=("job",)),))
    with pytest.raises(UserError, match=r'no column suits numbers; .* "words"'):
        encode(FRAME[["note"]], (Numbers(),))


def test_a_term_compares_rows_of_a_table():
    comparison = TableTerm().learn(FRAME[:40], 0)
    gram = comparison.gram()
    assert gram.shape == (40, 40)
    np.testing.assert_allclose(np.diag(gram), 1, rtol=1e-6)
    assert comparison(FRAME[40:]).shape == (20, 40)


@pytest.mark.parametrize("offset", [1e8, 1.6e9, -1e12])
def test_trees_see_numbers_that_lie_together_far_from_zero(offset):
    rng = np.random.default_rng(0)
    values = np.r_[rng.normal(size=50), np.nan]
    encoding, rows = encode(pandas.DataFrame({"stamp": offset + values}), (Cells(),))
    near = (offset + values) - offset  # as float64 holds them
    order = np.argsort(near)
    np.testing.assert_array_equal(np.argsort(rows[:, 0]), order)
    assert np.isnan(rows[-1, 0])
    np.testing.assert_allclose(np.diff(rows[order[:50], 0]), np.diff(near[order[:50]]), atol=1e-5)
    new = encoding(pandas.DataFrame({"stamp": [offset + 1000.0]}))
    np.testing.assert_allclose(new[0, 0] - rows[0, 0], 1000 - near[0], rtol=1e-4)


def test_trees_see_other_numbers_as_they_are():
    values = np.array([3.5, -1e30, 2e9, 0.1, np.nan])
    _, rows = encode(pandas.DataFrame({"size": values}), (Cells(),))
    np.testing.assert_array_equal(rows[:, 0], values.astype(np.float32))
