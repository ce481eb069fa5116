"""The report: two A4 pages with what was measured, the same bytes each time, or a plain refusal."""

import dataclasses
import io
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import Recipe, read_final, read_recipe
from rosenblatt.challenge.target import Values
from rosenblatt.errors import UserError
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember
from rosenblatt.metrics import METRICS
from rosenblatt.metrics.decisions import answer
from rosenblatt.report.evidence import Evidence, load_evidence, save_evidence
from rosenblatt.report.markdown import Text, read_head
from rosenblatt.report.measured import results
from rosenblatt.report.page import write_page
from rosenblatt.report.pdf import build_report, check_pages, check_text, typeset
from rosenblatt.report.starter import begin_text
from tests.challenge.folders import course, pixels

TEMPLATE = Path(__file__).parents[2] / "report" / "template.typ"
TEXT = """title: Digits & *more* [of {challenge}]
team: Ada_L, Charles #1
data: DATA
recipe: RECIPE

# Method
A **bold $x^2$** word, {score} of {rows} rows; `a_b{c}`, [a link](https://example.org/a_b).
5 < 6 @ $2 // -- end

![A table.](results)

![Curves.](curves) ![Counts, 50 % wrong.](confusion)

1. one
- two
"""


@pytest.fixture
def challenge(tmp_path):
    labels = [0, 1, 2] * 10
    return load_challenge(course(tmp_path / "data", pixels(30), labels, pixels(8, seed=1)))


RECIPE = Recipe("r", members=(NetworkMember(count=2), KernelPerceptronMember()))
OTHER = Recipe("other", members=(KernelPerceptronMember(),))


def evidence(challenge, curve=True):
    rng = np.random.default_rng(0)
    votes = rng.random((30, 3)).astype(np.float32)
    votes[np.arange(20), challenge.labels[:20]] += 1
    choices = np.array([votes.argmax(1), challenge.labels, 0 * challenge.labels], np.int16)
    row = {"epoch": 1, "loss": 2.0, "metric": 0.5, "held": 0.25}
    return Evidence(
        recipe=RECIPE.digest,
        data=challenge.digest,
        split="stratified folds",
        seconds=90.0,
        kinds=["network", "network", "kernel_perceptron"],
        fold=(np.arange(30) % 3).astype(np.int16),
        votes=votes / votes.sum(1, keepdims=True),
        choices=choices,
        curve=[row, row | {"epoch": 2, "loss": 0.5}] if curve else [],
        filters=rng.random((4, 3, 3, 1)).astype(np.float32),
    )


def text_about(challenge, recipe=RECIPE, text=TEXT):
    about = text.replace("DATA", challenge.digest[:16])
    return about.replace("RECIPE", recipe.digest[:16])


@pytest.fixture
def folder(tmp_path, challenge):
    folder = tmp_path / "report"
    folder.mkdir()
    shutil.copy(TEMPLATE, folder)
    (folder / "text.md").write_text(text_about(challenge), encoding="utf-8")
    return folder


def test_the_pdf_says_what_the_text_and_the_evidence_say(challenge, folder):
    found = evidence(challenge)
    made = build_report(folder, challenge, RECIPE, found)
    content = made.path.read_bytes()
    reader = PdfReader(io.BytesIO(content))
    text = reader.pages[0].extract_text().replace("\xa0", " ")
    right = (found.votes.argmax(1) == challenge.labels).mean()
    for words in (
        "Digits & more [of data]",
        "A bold",
        "Ada_L and Charles #1",
        f"{100 * right:.2f} of 30 rows",
        "a_b{c}",
        "5 < 6 @ $2",
        "Table 1: A table.",
        "network, mean of 2",
        "Fig. 2: Counts, 50 % wrong.",
    ):
        assert words in text, (words, text)
    assert (made.pages, made.size) == (1, len(content))
    assert build_report(folder, challenge, RECIPE, found).path.read_bytes() == content
    fonts = {str(font["/BaseFont"]) for font in reader.pages[0]["/Resources"]["/Font"].values()}
    assert any("Libertinus" in font for font in fonts)


def test_results_are_counted(challenge):
    rows = {row.name: row for row in results(challenge, evidence(challenge))}
    assert rows["kernel perceptron"].mean == pytest.approx(1 / 3)
    assert rows["kernel perceptron"].error == pytest.approx(  # the whole of fold 0, none elsewhere
        np.std([1, 0, 0], ddof=1) / np.sqrt(3)
    )
    assert rows["kernel perceptron"].wrong == pytest.approx(20)
    assert rows["network, mean of 2"].mean >= rows["all together"].mean


def test_a_third_page_is_refused_and_says_what_overflows(challenge, folder):
    made = build_report(folder, challenge, RECIPE, evidence(challenge))
    before = made.path.read_bytes()
    lines = (f"\nline {number} of many words\n" for number in range(200))
    long = text_about(challenge) + "".join(lines)
    (folder / "text.md").write_text(long, encoding="utf-8")
    with pytest.raises(UserError, match=r"5 pages, 2 are allowed.*from 'line \d+ of many words'"):
        build_report(folder, challenge, RECIPE, evidence(challenge))
    assert made.path.read_bytes() == before
    assert (folder / "build" / "draft.pdf").exists()


def test_a_fault_in_a_formula_is_typsts_to_name(folder):
    with pytest.raises(UserError, match=r"(?s)cannot set the report.*unknown variable: wrong"):
        typeset(folder, Text("t", ("a",), "$wrong$"))


def test_other_paper_is_refused(folder):
    template = (folder / "template.typ").read_text()
    (folder / "template.typ").write_text(template.replace('"a4"', '"us-letter"'))
    with pytest.raises(UserError, match="612 x 792 points, not A4"):
        check_pages(typeset(folder, Text("t", ("a",), "x")))


def test_evidence_comes_back_and_must_fit(challenge, folder):
    found = evidence(challenge, curve=False)
    save_evidence(folder / "evidence.npz", found)
    again = load_evidence(folder / "evidence.npz")
    assert np.array_equal(again.votes, found.votes)
    assert (again.kinds, again.seconds, again.curve) == (found.kinds, 90.0, [])
    with pytest.raises(UserError, match="unknown figure 'curves'"):  # none was measured
        build_report(folder, challenge, RECIPE, again)
    (folder / "text.md").write_text(text_about(challenge, OTHER))
    with pytest.raises(UserError, match="evidence is of another recipe"):
        build_report(folder, challenge, OTHER, again)
    with pytest.raises(UserError, match="--measure"):
        load_evidence(folder / "absent.npz")


def test_a_text_about_something_else_is_refused_with_its_cure(challenge, folder):
    with pytest.raises(UserError, match=rf"another recipe.*write `recipe: {OTHER.digest[:16]}` in"):
        check_text(folder / "text.md", challenge, OTHER)
    other = dataclasses.replace(challenge, digest="f" * 64)
    with pytest.raises(
        UserError, match=r"other data .* than .* \(ffffffff\); start a new one .*--new`"
    ):
        build_report(folder, other, RECIPE, evidence(other))


@pytest.mark.parametrize("damage", ["evidence.npz", "text.md", "template.typ"])
def test_damage_is_refused_and_the_earlier_report_stays(challenge, folder, damage):
    save_evidence(folder / "evidence.npz", evidence(challenge))
    made = build_report(folder, challenge, RECIPE, load_evidence(folder / "evidence.npz"))
    before = made.path.read_bytes()
    content = bytearray((folder / damage).read_bytes())
    content[len(content) // 2 :] = b"\xff\x00 #panic() \x80" * 20
    (folder / damage).write_bytes(content)
    with pytest.raises(UserError, match=damage if damage != "template.typ" else "cannot set"):
        build_report(folder, challenge, RECIPE, load_evidence(folder / "evidence.npz"))
    (folder / damage).unlink()
    os.mkfifo(folder / damage)
    with pytest.raises(UserError, match=r"a device or a pipe|no such file"):
        build_report(folder, challenge, RECIPE, load_evidence(folder / "evidence.npz"))
    assert made.path.read_bytes() == before


def test_the_shipped_text_is_about_the_shipped_final_submission():
    report = TEMPLATE.parent
    final = report.parent / "submissions" / "final.toml"
    head = read_head(report / "text.md")
    assert read_final(final).data.startswith(head["data"])
    assert read_recipe(final).digest.startswith(head["recipe"])
    assert not [line for line in (report / "text.md").read_text().splitlines() if line[:2] == "? "]


@pytest.mark.parametrize("metric", ["rmse", "rmsle", "r2"])
def test_a_report_on_values_speaks_of_its_metric(metric, challenge, tmp_path):
    truth, measured = np.linspace(1, 9, 30), evidence(challenge, curve=False)
    challenge = dataclasses.replace(
        challenge, kind="numbers", metric=metric, target=Values(truth[:, None], ("p*r_ice {x}",))
    )
    learned = np.log1p(truth) if metric == "rmsle" else truth
    votes = np.where(np.arange(30) % 2, learned + 0.1, learned - 0.1)[:, None]
    answers = answer(METRICS[metric], votes)
    found = dataclasses.replace(measured, votes=votes, choices=np.array([answers] * 3))
    *_, together = results(challenge, found)
    right = {"rmse": 0.1, "rmsle": 0.1, "r2": 1 - 0.01 / np.var(truth)}
    folds = [slice(k, None, 3) for k in range(3)]
    if metric == "r2":  # of each fold, then their mean
        right["r2"] = np.mean([1 - 0.01 / np.var(truth[fold]) for fold in folds])
    assert together.mean == pytest.approx(right[metric])
    folder = tmp_path / "values"
    folder.mkdir()
    assert begin_text(folder / "text.md", challenge, RECIPE, found) is None
    made = build_report(folder, challenge, RECIPE, found)
    reader = PdfReader(io.BytesIO(made.path.read_bytes()))
    text = " ".join(reader.pages[0].extract_text().replace("\xa0", " ").split())
    assert "with their p*r_ice {x}, and asks for that of 8 more, judged by " in text
    assert f"{METRICS[metric].title} of {together.mean:.4g}" in text
    assert "classes" not in text
    write_page(folder / "page.html", challenge, found, [])
    data = (folder / "page.html").read_text().split('id="data">')[1].split("</script>")[0]
    points = json.loads(data)["points"]
    assert len(points) == 30
    assert points[4] == [pytest.approx(truth[4]), pytest.approx(answers[4]), 5]
