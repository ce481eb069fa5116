"""Files are joined by name and by Id and every choice is said, or they are refused with a cure."""

import gzip
import zipfile

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.data.source import as_source
from rosenblatt.errors import UserError
from tests.challenge.folders import lines, small_course, small_kaggle

ROWS = 24
RNG = np.random.default_rng(7)
VALUES = {name: RNG.random(ROWS).round(3).tolist() for name in ("age", "height", "weight")}
LABELS = [row % 2 for row in range(ROWS)]


def csv(path, columns):
    cells = zip(*columns.values(), strict=True)
    lines(path, [",".join(columns), *(",".join(map(str, row)) for row in cells)])


def tables(folder, train=None, test=None, toml=""):
    """Write a table challenge of named columns; `train` and `test` replace or add some."""
    few = {name: cells[:6] for name, cells in VALUES.items()}
    csv(folder / "train.csv", {**VALUES, "label": LABELS, **(train or {})})
    csv(folder / "test.csv", {**few, **(test or {})})
    (folder / "challenge.toml").write_text('kind = "table"\n' + toml)
    return folder


def test_columns_are_matched_by_name(tmp_path):
    wanted = load_challenge(tables(tmp_path / "a"))
    folder = tables(tmp_path / "b")
    csv(folder / "test.csv", {f" {name} ": VALUES[name][:6] for name in reversed(VALUES)})
    found = load_challenge(folder)
    np.testing.assert_array_equal(found.test, wanted.test)
    assert "columns of test.csv come in another order: matched by name" in found.notes


def test_unequal_names_are_named_on_both_sides(tmp_path):
    folder = tables(tmp_path, test={"Weight": [1] * 6})
    with pytest.raises(UserError, match=r"test\.csv: has other .* 'Weight' only in test\.csv"):
        load_challenge(folder)
    tables(tmp_path, test={"Weight": [1] * 6}, toml='[columns]\nWeight = "identifier"\n')
    assert load_challenge(folder).test.shape == (6, 3)


def test_pixels_are_ordered_by_the_numbers_in_their_names(tmp_path):
    wanted = load_challenge(small_kaggle(tmp_path / "a"))
    folder = small_kaggle(tmp_path / "b")
    for name in ("train.csv", "test.csv"):
        rows = [row.split(",") for row in (folder / name).read_text().split()]
        order = sorted(range(len(rows[0])), key=lambda place: rows[0][place])
        lines(folder / name, [",".join(row[place] for place in order) for row in rows])
    found = load_challenge(folder)
    np.testing.assert_array_equal(found.train, wanted.train)
    np.testing.assert_array_equal(found.test, wanted.test)
    assert any("ordered by the number in their names" in note for note in found.notes)


def test_a_sample_in_another_order_is_joined_by_id(tmp_path):
    folder = tables(tmp_path, {"id": range(100, 124)}, {"id": range(500, 506)})
    plain = load_challenge(folder)
    lines(folder / "sample_submission.csv", [" id ,label", *(f"{n},?" for n in (505, 500, 503,
          501, 504, 502))])  # fmt: skip
    found = load_challenge(folder)
    assert found.test_ids == ("505", "500", "503", "501", "504", "502")
    np.testing.assert_array_equal(found.test, plain.test.iloc[[5, 0, 3, 1, 4, 2]])
    assert (found.id_column, found.label_column) == ("id", "label")


LEAKS = {
    "counts": [10 * row for row in range(ROWS)],
    "falls": [-row for row in range(ROWS)],
    "large": [10**12 + row for row in range(ROWS)],  # all alike in float32
    "copy of the label": LABELS,
    "copy of the Id": [(7 * row) % ROWS for row in range(ROWS)],
}


@pytest.mark.parametrize("name", LEAKS)
def test_columns_that_tell_the_row_are_left_out_and_named(tmp_path, name):
    ids = [(7 * row) % ROWS for row in range(ROWS)]
    train, test = {"id": ids, name: LEAKS[name]}, {"id": range(6), name: [0] * 6}
    found = load_challenge(tables(tmp_path, train, test))
    assert found.train.shape == (ROWS, 3)
    assert any(name in said for said in found.odd)
    assert any(f"{name}' is left out" in said for said in found.notes)
    keep = f'[columns]\n"{name}" = "number"\n'
    assert load_challenge(tables(tmp_path, train, test, keep)).train.shape == (ROWS, 4)


def test_large_numbers_that_only_float32_takes_for_equal_are_no_row_number(tmp_path):
    cells = [10**12 + (7 * row) % ROWS for row in range(ROWS)]
    found = load_challenge(tables(tmp_path, {"far": cells}, {"far": cells[:6]}))
    assert found.train.shape == (ROWS, 4)


def test_an_index_of_pandas_is_left_out_beside_an_id(tmp_path):
    train, test = {"id": range(50, 74), "Unnamed: 0": [3] * ROWS}, {"id": range(6)}
    found = load_challenge(tables(tmp_path, train, test))
    assert found.train.shape == (ROWS, 3)
    assert any("Unnamed: 0" in said for said in found.odd)


def test_a_column_that_counts_where_no_file_tells_the_ids_is_asked_about(tmp_path):
    folder = tables(tmp_path, {"Passenger": range(ROWS)}, {"Passenger": range(900, 906)})
    with pytest.raises(UserError, match='Write id = "Passenger"'):
        load_challenge(folder)
    tables(tmp_path, {"Passenger": range(ROWS)}, {"Passenger": range(900, 906)},
           'id = "Passenger"\n')  # fmt: skip
    assert load_challenge(folder).test_ids == tuple(map(str, range(900, 906)))


def test_a_nameless_column_that_counts_is_asked_about_too(tmp_path):
    ages = VALUES["age"]
    lines(tmp_path / "train.csv", [f"{row},{ages[row]},{LABELS[row]}" for row in range(ROWS)])
    lines(tmp_path / "test.csv", [f"{900 + row},{ages[row]}" for row in range(6)])
    told = 'kind = "table"\ntarget = "3"\n'
    for toml, ids in (("", None), ('id = "1"\n', range(900, 906)),
                      ('[columns]\n"1" = "identifier"\n', range(1, 7))):  # fmt: skip
        (tmp_path / "challenge.toml").write_text(told + toml)
        if ids is None:
            with pytest.raises(UserError, match='Write id = "1"'):
                load_challenge(tmp_path)
        else:
            found = load_challenge(tmp_path)
            assert found.test_ids == tuple(map(str, ids))
            assert found.train.shape == (ROWS, 1)


def test_decimal_commas_are_said(tmp_path):
    folder = tables(tmp_path)
    wanted = load_challenge(folder).test
    for name in ("train.csv", "test.csv"):
        text = (folder / name).read_text()
        (folder / name).write_text(text.replace(",", ";").replace(".", ","), "utf-8-sig")
    found = load_challenge(folder)
    np.testing.assert_array_equal(found.test, wanted)
    assert [note for note in found.notes if note.startswith("test.csv: semicolons separate")]


@pytest.mark.parametrize("sign", ["?", "0", "-1", ""])
def test_the_label_is_the_column_of_placeholders(tmp_path, sign):
    found = load_challenge(tables(tmp_path, test={"label": [sign] * 6}))
    assert found.labels.tolist() == LABELS
    assert found.train.shape == (ROWS, 3)
    assert any("label" in note and "placeholder" in note for note in found.notes)


def test_a_label_column_of_values_in_the_test_file_is_refused(tmp_path):
    folder = tables(tmp_path, test={"label": [0, 1] * 3}, toml='target = "label"\n')
    with pytest.raises(UserError, match=r"test\.csv: its column label holds values"):
        load_challenge(folder)
    with pytest.raises(UserError, match=r"which column is the label.*Write target = .label."):
        load_challenge(tables(tmp_path, test={"label": [0, 1] * 3}))


def test_a_column_of_a_label_file_is_told_by_its_name_or_refused(tmp_path):
    folder = small_course(tmp_path)
    wanted = load_challenge(folder)
    rows = (folder / "Ytr.csv").read_text().split()[1:]
    told = folder / "challenge.toml"
    for first, target in (("mark,key", "mark"), (None, "1")):
        swapped = [",".join(reversed(row.split(","))) for row in rows]
        lines(folder / "Ytr.csv", [*([first] if first else []), *swapped])
        told.unlink(missing_ok=True)
        with pytest.raises(UserError, match=f'which column is the label.*target = "{target}"'):
            load_challenge(folder)
        told.write_text(f'target = "{target}"\n', "utf-8-sig")  # as Notepad writes it
        found = load_challenge(folder)
        assert found.labels.tolist() == wanted.labels.tolist()
    told.write_text('target = "Foo"\n')
    with pytest.raises(UserError, match=r"Ytr\.csv: has no column 'Foo'"):
        load_challenge(folder)
    told.unlink()
    lines(folder / "Ytr.csv", ["Id,0", *rows])  # a series of pandas, whose index was given a name
    assert load_challenge(folder).labels.tolist() == wanted.labels.tolist()


def test_files_of_two_challenges_are_refused_and_files_not_read_are_named(tmp_path):
    folder = small_kaggle(tmp_path)
    (folder / "sample_submission.csv").rename(folder / "gender_submission.csv")
    lines(folder / "extra.csv", ["a,b"])
    found = load_challenge(folder)
    assert "not read: extra.csv" in found.notes
    assert any("those of gender_submission.csv" in note for note in found.notes)
    small_course(folder)
    with pytest.raises(UserError, match=r"holds two challenges: Xtr.* train.csv and test.csv are"):
        load_challenge(folder)


@pytest.mark.parametrize(
    "name", ["kc_sample_submission.csv", "sample.csv", "sampleSub.csv", "submission_format.csv"]
)
def test_a_sample_submission_has_many_names(tmp_path, name):
    folder = small_kaggle(tmp_path)
    (folder / "sample_submission.csv").rename(folder / name)
    assert any(f"those of {name}" in note for note in load_challenge(folder).notes)


def test_a_sample_of_something_else_is_no_submission(tmp_path):
    folder = small_kaggle(tmp_path)
    lines(folder / "subsample.csv", ["a,b"])
    lines(folder / "sample_subjects.csv", ["a,b"])
    lines(folder / "sample.csv", ["a,b"])  # where another one is there, rows of anything
    assert "not read: sample_subjects.csv, subsample.csv" in load_challenge(folder).notes


def encoded(written, listed=None, shown=()):
    source = as_source("Ytr.csv")
    places = [(source, row) for row in range(2, len(written) + 2)]
    return encode_labels(Labels(written, places), listed, shown)


def test_equal_numbers_are_one_class_in_order_of_value():
    found = encoded(["10", "1", "1.0", " 1e0", "+2", "10"] * 9)
    assert found.classes == ("1", "2", "10")
    assert found.indices[:6].tolist() == [2, 0, 0, 0, 1, 2]
    assert "1.0" in found.notes[0]
    assert encoded(["1", "0"], shown=["1.0", "0.0"]).classes == ("0.0", "1.0")
    assert encoded(["b ", "Z ", "b "]).classes == ("Z", "b")
    assert encoded(["1.0", "x"], ("x", "1")).indices.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("written", "shown", "classes", "noted"),
    [
        (["0.0", "1.0"], ["0.0"], ("0.0", "1.0"), False),  # as Kaggle's usual sample
        (["0.0 ", "1.0 "], ["0.0"], ("0.0", "1.0"), False),
        (["1.0", "2.0"], ["0.0"], ("1.0", "2.0"), False),  # a placeholder
        (["1", "2"], ["0.0"], ("1", "2"), False),
        (["-1.0", "1.0"], ["-1.0"], ("-1.0", "1.0"), False),
        (["0.0", "1.0"], ["0"], ("0", "1"), True),
        (["0", "1"], ["0.0"], ("0.0", "1.0"), True),
        (["0.0", "1.0"], [], ("0", "1"), True),
        (["01", "02", "10"], ["01"], ("01", "02", "10"), False),
        (["01", "02", "10"], ["1"], ("1", "2", "10"), True),
        (["1", "2", "10"], ["01"], ("01", "02", "10"), True),
        (["0", "1", "0.0", "1.0"], ["0.0"], ("0.0", "1.0"), True),
        (["TRUE", "FALSE"], ["False"], ("FALSE", "TRUE"), True),
        (["True", "False"], ["False"], ("False", "True"), False),
    ],
)
def test_labels_are_spelled_in_one_way(written, shown, classes, noted):
    found = encoded(written * 10, shown=shown)
    assert found.classes == classes
    assert bool(found.notes) == noted


@pytest.mark.parametrize(("odd", "words"), [
    ("l", "row 22: label 'l' is text among numbers"), ("\uff11", "is text among numbers"),
    ("null", "'null' is not a label"),
    ("1,0", "label '1,0' has a decimal comma"), ("<NA>", "not a label"),
    ("#N/A", "not a label"), ("n/a", "not a label"),
    ("?", "'?' is not a label"), ("", "'' is not a label"),
    ("nan", "not a label"), ("inf", "not a label"), ("0.5", "'0.5' is not a whole number"),
])  # fmt: skip
def test_a_damaged_label_is_named_by_row_with_a_cure(odd, words):
    with pytest.raises(UserError) as caught:
        encoded([*["0", "1"] * 10, odd])
    assert words in str(caught.value)
    assert "row 22" in str(caught.value)
    assert "classes = [...] in challenge.toml" in str(caught.value)


@pytest.mark.parametrize("odd", ["Cat", "cat ", "c\uff41t", "c\u200bat", "CAT", " cat"])
def test_two_spellings_of_a_class_are_refused_with_both_rows(odd):
    with pytest.raises(UserError, match=r"row 22: label .*row 2 are one word"):
        encoded([*["cat", "dog"] * 10, odd])


def test_more_classes_than_a_tenth_of_the_rows_are_refused_unless_listed():
    labels = [str(row) for row in range(30)] * 2
    with pytest.raises(UserError, match="30 different labels in 60 rows"):
        encoded(labels)
    assert len(encoded(labels, tuple(labels[:30])).classes) == 30


def test_packed_files_are_the_same_challenge(tmp_path):
    plain = small_course(tmp_path / "plain" / "name")
    wanted = load_challenge(plain)
    packed = tmp_path / "packed" / "name"
    packed.mkdir(parents=True)
    one = tmp_path / "name.zip"
    with zipfile.ZipFile(one, "w") as archive:
        for path in plain.iterdir():
            archive.write(path, f"inner/{path.name}")
            (packed / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    bundle = tmp_path / "bundle" / "name"
    bundle.mkdir(parents=True)
    (bundle / "all.zip").write_bytes(one.read_bytes())
    for place in (packed, bundle, one):
        found = load_challenge(place)
        assert (found.name, found.digest) == (wanted.name, wanted.digest)
        np.testing.assert_array_equal(found.train, wanted.train)
    assert [path.name for path in bundle.iterdir()] == ["all.zip"]


def test_two_files_of_one_name_must_be_the_same(tmp_path):
    folder = small_course(tmp_path)
    content = (folder / "Xte.csv").read_bytes()
    (folder / "Xte.csv.gz").write_bytes(gzip.compress(content))
    load_challenge(folder)
    (folder / "Xte.csv.gz").write_bytes(gzip.compress(content + b"\n"))
    with pytest.raises(UserError, match=r"Xte\.csv.* are both Xte\.csv, and differ"):
        load_challenge(folder)


def test_letters_of_dna_in_a_header_are_no_sequences(tmp_path):
    names = ["AA", "CC", "GG"]
    for name, rows in (("Xtr.csv", ROWS), ("Xte.csv", 6)):
        csv(tmp_path / name, dict(zip(names, (VALUES[key][:rows] for key in VALUES), strict=True)))
    lines(tmp_path / "Ytr.csv", ["Id,Prediction", *(f"{i},{y}" for i, y in enumerate(LABELS))])
    (tmp_path / "challenge.toml").write_text('kind = "table"\n')
    assert load_challenge(tmp_path).train.shape == (ROWS, 3)


@pytest.mark.parametrize(("toml", "words"), [
    ('id = "ide"', "known are age, height"), ('target = "labl"', "did you mean label"),
    ('[columns]\nwait = "number"', "did you mean weight"), ('header = "no"', "true or false"),
    ('[columns]\nage = "words"', "type = 'words': it must be one of 'number', 'code'"),
    ('[columns]\nage = {type = "words"}', "type = 'words': it must be"),
])  # fmt: skip
def test_settings_name_columns_that_are_there(tmp_path, toml, words):
    with pytest.raises(UserError, match=words):
        load_challenge(tables(tmp_path, toml=toml))


def test_labels_follow_lines_after_blank_ones(tmp_path):
    folder = small_course(tmp_path)
    rows = (folder / "Xtr.csv").read_text().split()
    rows[4] = rows[4].replace(rows[4].split(",")[0], "x", 1)
    lines(folder / "Xtr.csv", ["", *rows[:2], "", *rows[2:]])
    with pytest.raises(UserError, match=r"Xtr\.csv: row 7, column 1: 'x'"):
        load_challenge(folder)
