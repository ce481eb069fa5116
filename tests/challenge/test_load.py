"""A challenge folder is read for what it is, however its files are laid out."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.challenge import (
    check_submission,
    load_challenge,
    sniff,
    submission_form,
    write_submission,
)
from rosenblatt.challenge.formats import digit_recognizer, xtr_ytr
from rosenblatt.errors import UserError
from tests.challenge.folders import (
    course,
    kaggle,
    lines,
    pixels,
    small_course,
    small_kaggle,
    table,
)

CLASSES = (("0", "1"), ("-1", "1"), ("2", "10"), ("cat", "dog"), ("A b", "é"))
names = st.text("abcXYZ _", min_size=1).map(str.strip).filter(bool)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_course_editions(data):
    classes = data.draw(st.sampled_from(CLASSES))
    base = data.draw(st.sampled_from([0, 1]))
    label = data.draw(names.filter(lambda name: name.lower() not in ("id", "ids", "index")))
    shape = data.draw(st.sampled_from([(1, 8, 8), (1, 28, 28), (3, 32, 32)]))
    train, test = pixels(5, int(np.prod(shape))), pixels(3, int(np.prod(shape)), seed=1)
    labels = [*classes, *data.draw(st.lists(st.sampled_from(classes), min_size=3, max_size=3))]
    order = data.draw(st.permutations(range(5)))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        comma, header = data.draw(st.sampled_from(["", ","])), data.draw(st.booleans())
        course(folder, train, labels, test, base, comma, header)
        rows = [f"{base + place},{labels[place]}" for place in order]
        lines(folder / "Ytr.csv", [f"Id,{label}", *rows])
        challenge = load_challenge(folder)
        write_submission(folder / "out.csv", challenge, np.array([1, 0, 1]))
        assert check_submission(folder / "out.csv", submission_form(folder, challenge)) == []
        written = (folder / "out.csv").read_text(encoding="utf-8")
    assert challenge.train.shape == (5, *shape)
    assert np.array_equal(challenge.train, train.reshape(5, *shape).astype(np.float32))
    assert np.array_equal(challenge.test.reshape(3, -1), test)
    assert challenge.classes == classes
    assert [challenge.classes[index] for index in challenge.labels] == labels
    answers = [f"{base + place},{classes[index]}\n" for place, index in enumerate([1, 0, 1])]
    assert written == "".join([f"Id,{label}\n", *answers])


@given(
    place=st.integers(0, 784),
    label=names.filter(lambda name: name.lower() not in ("id", "ids", "index")),
    classes=st.sampled_from(CLASSES),
)
@settings(max_examples=15, deadline=None)
def test_digit_recognizer(place, label, classes):
    train, test = pixels(4, 784), pixels(2, 784, seed=1)
    labels = [classes[1], classes[0], classes[1], classes[1]]
    with tempfile.TemporaryDirectory() as folder:
        kaggle(Path(folder), train, labels, test, place, label)
        challenge = load_challenge(folder)
    assert np.array_equal(challenge.train.reshape(4, -1), train)
    assert np.array_equal(challenge.test.reshape(2, -1), test)
    assert [challenge.classes[index] for index in challenge.labels] == labels
    assert (challenge.id_column, challenge.label_column) == ("ImageId", "Label")
    assert challenge.test_ids == ("1", "2")


def test_sniff_says_why(tmp_path):
    assert sniff(small_course(tmp_path / "a"))[0] is xtr_ytr
    reader, reason = sniff(small_kaggle(tmp_path / "b"))
    assert reader is digit_recognizer
    assert reason == "train.csv and test.csv are there"


def test_labels_follow_the_ids_of_the_images(tmp_path):
    folder = small_course(tmp_path)
    train = pixels(3)
    ids = ["c", "a", "b"]
    rows = [f"{name},{row}" for name, row in zip(ids, table(train), strict=True)]
    lines(folder / "Xtr.csv", ["Id," + ",".join(f"p{i}" for i in range(64)), *rows])
    lines(folder / "Ytr.csv", ["Id,Kind", "a,x", "b,y", "c,y"])
    lines(folder / "sample_submission.csv", ["Id,Kind", "1,x", "2,y", "3,y"])
    challenge = load_challenge(folder)
    assert [challenge.classes[index] for index in challenge.labels] == ["y", "x", "y"]
    assert np.array_equal(challenge.train.reshape(3, -1), train)


def test_a_nameless_first_column_of_ids_is_no_pixel(tmp_path):
    folder = small_course(tmp_path)
    train, test = pixels(6), pixels(3, seed=1)
    for name, part, base in (("Xtr.csv", train, 1), ("Xte.csv", test, 7)):
        lines(folder / name, [f"{i},{row}" for i, row in enumerate(table(part), base)])
    challenge = load_challenge(folder)
    assert np.array_equal(challenge.train.reshape(6, -1), train)
    assert challenge.test_ids == ("7", "8", "9")


def test_labels_without_header_or_without_ids(tmp_path):
    folder = small_course(tmp_path)
    wanted = load_challenge(folder).labels.tolist()
    lines(folder / "Ytr.csv", [f"{i},{label}" for i, label in enumerate(wanted, 1)])
    assert load_challenge(folder).labels.tolist() == wanted
    lines(folder / "Ytr.csv", wanted)
    assert load_challenge(folder).labels.tolist() == wanted
    lines(folder / "Ytr.csv", ["Prediction", *wanted])
    assert load_challenge(folder).labels.tolist() == wanted


def test_a_sample_submission_tells_ids_and_header(tmp_path):
    folder = small_course(tmp_path)
    lines(folder / "SampleSubmission.csv", ["row,answer", "30,0", "10,0", "20,0"])
    challenge = load_challenge(folder)
    assert challenge.test_ids == ("30", "10", "20")
    assert (challenge.id_column, challenge.label_column) == ("row", "answer")


@pytest.mark.parametrize("toml", ["", "header = false\n"])
def test_names_above_text_ids_are_told_where_the_pixels_have_none(tmp_path, toml):
    folder = small_course(tmp_path)
    wanted = load_challenge(folder).labels.tolist()
    if toml:
        (folder / "challenge.toml").write_text(toml)
    lines(folder / "SampleSubmission.csv", ["key,answer", "img_c,x", "img_a,y", "img_b,z"])
    lines(folder / "Ytr.csv", ["answer", *(("no", "yes")[label] for label in wanted)])
    challenge = load_challenge(folder)
    assert challenge.labels.tolist() == wanted
    assert challenge.test_ids == ("img_c", "img_a", "img_b")
    assert (challenge.id_column, challenge.label_column) == ("key", "answer")
    keyed = ["key,answer", *(f"{i},{('no', 'yes')[x]}" for i, x in enumerate(wanted, 1))]
    lines(folder / "Ytr.csv", keyed)
    assert load_challenge(folder).labels.tolist() == wanted


def test_challenge_toml_overrides(tmp_path):
    folder = course(tmp_path, pixels(4, 12), [0, 1, 0, 1], pixels(2, 12))
    toml = 'name = "tiny"\nshape = [2, 2, 3]\nclasses = ["1", "0", "2"]\nquota = 5\n'
    (folder / "challenge.toml").write_text(toml + "public_share = 0.25\n")
    challenge = load_challenge(folder)
    assert challenge.train.shape == (4, 2, 2, 3)
    assert challenge.classes == ("1", "0", "2")
    assert challenge.labels.tolist() == [1, 0, 1, 0]
    assert (challenge.name, challenge.quota, challenge.public_share) == ("tiny", 5, 0.25)


def test_digest_is_of_the_data_alone(tmp_path):
    folder = small_course(tmp_path / "a")
    digest = load_challenge(folder).digest
    (folder / "solution.csv").write_text("Id,Prediction,Usage\n1,0,Public\n")
    (folder / "challenge.toml").write_text('name = "other"\nquota = 9\n')
    copy = shutil.copytree(folder, tmp_path / "b")
    assert load_challenge(copy).digest == digest
    for name in ("Xtr.csv", "Xte.csv", "Ytr.csv"):
        changed = shutil.copytree(folder, tmp_path / name)
        with open(changed / name, "a") as file:
            file.write("\n")
        assert load_challenge(changed).digest != digest
    (copy / "challenge.toml").write_text('classes = ["1", "0"]\n')
    assert load_challenge(copy).digest != digest


def relabel(folder, ids, labels=(0, 1, 0, 1, 1, 0)):
    rows = [f"{name},{label}" for name, label in zip(ids, labels, strict=True)]
    lines(folder / "Ytr.csv", ["Id,Prediction", *rows])


@pytest.mark.parametrize("ids", [
    "0 1 4 9 16 25", "1 2 3 4 50 6", "1 2 3 4 5 70000", "a b c d e f", "1 2 3 4 5 6.5",
    "01 2 3 4 5 6", "1 2 3 4 5 5.0", "1 2 3 4 5 ٦",
])  # fmt: skip
def test_ids_that_do_not_count_the_rows_are_refused_by_row(tmp_path, ids):
    folder = small_course(tmp_path)
    relabel(folder, ids.split())
    with pytest.raises(UserError, match=r"Ytr\.csv: row \d: Id .*(not count the rows|is text am)"):
        load_challenge(folder)


@pytest.mark.parametrize(("form", "first"), [("{}", 0), ("{:04d}", 1), ("{}.0", 1), ("{:.3e}", 0),
                                             ("{}", -3), ("{}", 10**20), ("{}", 7)])  # fmt: skip
def test_ids_are_joined_by_value_and_test_ids_never_guessed(tmp_path, form, first):
    folder = small_course(tmp_path)
    order = [3, 0, 5, 1, 2, 4]
    labels = [(0, 1, 0, 1, 1, 0)[place] for place in order]
    relabel(folder, [form.format(first + place) for place in order], labels)
    plain = form in ("{}", "{:04d}") and first in (0, 1)
    if not plain:
        with pytest.raises(UserError, match=r"put the challenge's sample_submission\.csv"):
            load_challenge(folder)
        lines(folder / "sample_submission.csv", ["Id,P", "7,?", "x,?", "8,?"])
    challenge = load_challenge(folder)
    assert challenge.labels.tolist() == [0, 1, 0, 1, 1, 0]
    wanted = tuple(form.format(first + row) for row in range(3)) if plain else ("7", "x", "8")
    assert challenge.test_ids == wanted


def test_digit_recognizer_without_headers_or_sample(tmp_path):
    folder = small_kaggle(tmp_path)
    wanted = load_challenge(folder)
    for name in ("train.csv", "test.csv"):
        path = folder / name
        path.write_text(path.read_text().partition("\n")[2])
    (folder / "sample_submission.csv").unlink()
    challenge = load_challenge(folder)
    assert np.array_equal(challenge.train, wanted.train)
    assert np.array_equal(challenge.labels, wanted.labels)
    assert challenge.test_ids == wanted.test_ids


@pytest.mark.parametrize("name", ["xtr.csv", "XTR.CSV"])
def test_case_of_file_names_is_ignored(tmp_path, name):
    folder = small_course(tmp_path)
    (folder / "Xtr.csv").rename(folder / name)
    assert len(load_challenge(folder).train) == 6


def test_the_class_that_a_metric_counts_as_positive_is_said_and_can_be_turned(tmp_path):
    folder = tmp_path / "heart"
    shutil.copytree(Path(__file__).parents[2] / "data" / "heart", folder)
    said = [note for note in load_challenge(folder).notes if "positive" in note]
    assert said == [
        "AUC counts class '1' as positive, the second of two; for the other, write "
        'classes = ["1", "0"] in challenge.toml'
    ]
    with (folder / "challenge.toml").open("a") as file:
        file.write('classes = ["1", "0"]\n')
    turned = load_challenge(folder)
    assert [note for note in turned.notes if "AUC counts class '0'" in note]
    assert turned.classes == ("1", "0")
