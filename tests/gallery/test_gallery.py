"""The gallery: its command, the data it makes, what it refuses, and that a training resumes."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from rosenblatt.cli import main
from rosenblatt.data.archive import write_archive
from rosenblatt.data.corpus import Vocabulary
from rosenblatt.errors import UserError
from rosenblatt.gallery import (
    OWN_DATA,
    SYSTEMS,
    captions,
    characters,
    grid,
    memory,
    numbers,
    rating,
    tagging,
    translation,
)
from rosenblatt.gallery.rating import BAD, GOOD, NEVER, reviews
from rosenblatt.gallery.runner import EpochLog, Settings, title
from rosenblatt.gallery.tagging import tagged
from rosenblatt.gallery.translation import read_corpora, translations
from rosenblatt.layers import GRU, Bidirectional, Dense, LeakyReLU, Stack
from rosenblatt.models.language import LanguageModel
from rosenblatt.models.sentence_pairs import Languages, Pairs
from rosenblatt.visualise.unfold import unfold

RNG = np.random.default_rng


def test_the_command_lists_the_systems_and_runs_one(tmp_path, capsys):
    assert main(["gallery"]) == 0
    assert all(f"{name} " in capsys.readouterr().out for name in SYSTEMS[:1])
    assert all(title(name) for name in SYSTEMS)
    assert main(["gallery", "unfolding", "--out", str(tmp_path)]) == 0
    line = json.loads((tmp_path / "unfolding.json").read_text("utf-8"))
    assert line["system"] == "unfolding"
    assert {"seconds", "cpu_seconds", "threads", "cpu", "versions", "seed"} <= line.keys()
    assert (tmp_path / "unfolding.png").read_bytes().startswith(b"\x89PNG")
    for command, message in (
        (["taging"], "did you mean tagging?"),
        (["unfolding", "--data", "x"], "leave --data out"),
        (["unfolding", "--out", str(tmp_path / "unfolding.json")], "cannot be written"),
    ):
        assert main(["gallery", *command]) == 2
        assert message in capsys.readouterr().err


def test_the_systems_that_take_no_data_are_systems():
    assert {*SYSTEMS} >= OWN_DATA


def test_an_unfolded_network_has_an_arrow_for_each_dependence():
    network = Stack([Bidirectional(GRU(2), GRU(2, reverse=True)), GRU(2, "last"), Dense(2)])
    graph = unfold(network, 3)
    # Inputs, two directions, their join, the next layer: 5 rows of 3; its last state, the output.
    assert len(graph.nodes) == 17
    # Up: 3 x (2 in, 2 joined, 1 on) and 2 at the end; along time: 3 layers x 2.
    assert len(graph.edges) == 15 + 2 + 6
    assert ((2, 2), (1, 2)) in graph.edges
    with pytest.raises(ValueError, match="LeakyReLU"):
        unfold(LeakyReLU(), 2)


def test_numbers_in_words():
    assert " ".join(numbers.english(217)) == "two hundred seventeen"
    spoken = {
        21: "vingt et un", 71: "soixante et onze", 80: "quatre vingt", 81: "quatre vingt un",
        97: "quatre vingt dix sept", 100: "cent", 305: "trois cent cinq",
    }  # fmt: skip
    assert {n: " ".join(numbers.french(n)) for n in spoken} == spoken
    for write in numbers.WRITE.values():
        assert len({tuple(write(n)) for n in range(1000)}) == 1000


def test_principal_components_keep_the_distances_of_a_plane():
    rng = RNG(0)
    plane = rng.random((20, 2)) @ rng.random((2, 9))
    points, shares = numbers.principal_components(plane, 2)
    distance = [np.linalg.norm(p[:, None] - p[None], axis=2) for p in (plane, points)]
    np.testing.assert_allclose(distance[0], distance[1], atol=1e-12)
    assert shares.sum() == pytest.approx(1)


def test_the_last_clause_of_a_made_review_decides():
    for label, sentence in reviews(200, RNG(0)):
        last = sentence.split(" , but ")[-1].removesuffix(" .")
        negated = any(f" {never} " in last for never in NEVER)
        adjective = last.split()[-1]
        assert adjective in (GOOD + BAD)
        assert label == (adjective in GOOD) ^ negated


def test_made_sentences_are_the_same_for_the_same_seed():
    assert tagged(20, RNG(3)) == tagged(20, RNG(3))
    assert all(french.endswith(".") for _, french in translations(20, RNG(1)))


def test_the_memory_tasks():
    x, sums = memory.adding(12, 5, RNG(0))
    for sequence, total in zip(x, sums, strict=True):
        marked = [value for value, mark in sequence if mark == 1]
        assert len(marked) == 2
        assert total == pytest.approx(sum(marked))
    x, targets = memory.copy(7, 4, RNG(0))
    shown, asked = memory.SHOWN, x[:, -memory.SHOWN :]
    np.testing.assert_array_equal(x[:, :shown].argmax(-1), targets[:, -shown:])
    assert (targets[:, :-shown] == -1).all()
    assert x.shape[1] == 7 + 2 * shown
    assert asked[:, :, : memory.SYMBOLS].sum() == 0


def test_an_attempt_is_made_once(tmp_path, monkeypatch):
    settings = Settings("memory", tmp_path, quick=True, say=lambda line: None)
    monkeypatch.setattr(memory, "gradient_norms", lambda *what: np.ones(2))
    monkeypatch.setattr(memory, "learn", lambda *what: (what[2] / 100, what[4]))
    monkeypatch.setattr(memory, "draw", lambda *what: None)
    first = memory.run(settings)
    assert first["scores"]["copy"]["GRU"] == {4: [0.04], 8: [0.08]}
    assert first["steps"]["adding"]["LSTM"] == {4: [100], 8: [100]}
    monkeypatch.setattr(memory, "learn", None)  # to make one more would fail
    assert memory.run(settings) == first


def test_what_walls_enclose():
    rows = ["....#..", ".###.#.", ".#.#..#", ".###.#.", "....#.."]
    walls = np.array([[[c == "#" for c in row] for row in rows]])
    inside = grid.enclosed(walls)[0]
    # Walls that touch at a corner alone hold: water flows along rows and columns.
    assert np.argwhere(inside).tolist() == [[1, 4], [2, 2], [2, 4], [2, 5], [3, 4]]


def test_scenes_are_what_their_captions_say():
    seen, unseen = captions.combinations()
    assert len({*seen, *unseen}) == 200
    assert len(unseen) == 40
    scenes = captions.Scenes(np.arange(1, 11).repeat(64).reshape(10, 8, 8, 1), np.arange(10))
    for relation, axis in (("above", 0), ("left of", 1)):
        scene = scenes.scene((3, relation, 7), RNG(0))[..., 0]
        assert np.unique(scene, return_counts=True)[1].tolist() == [24 * 24 - 128, 64, 64]
        assert np.argwhere(scene == 4).max(axis=0)[axis] < np.argwhere(scene == 8).min(axis=0)[axis]
    assert captions.caption((3, "left of", 7)) == ["a", "three", "left", "of", "a", "seven"]


@dataclasses.dataclass
class Small:
    """A language model's plan that takes a second."""

    units: int = 8
    embedding: int = 4
    dropout: float = 0.25
    streams: int = 2
    steps: int = 5
    epochs: int = 2
    rate: float = 0.01


def killed(steps):
    """Return a EpochLog that stands for a kill after so many steps."""

    class Killed(EpochLog):
        def on_step(self, module, state):
            if state.step == steps:
                raise KeyboardInterrupt

    return Killed


def training(tmp_path, text="abcab cabac bacab cab " * 4, stop=None):
    """Train a small character model; return it, its vocabulary and the final state."""
    vocabulary = Vocabulary(sorted(set(text)))
    model = LanguageModel(len(vocabulary), 4, 8, 1, 0.25)
    model.build((5,), RNG(0))
    settings = Settings("characters", tmp_path, say=lambda line: None)
    numbers = vocabulary.encode(text)
    with pytest.MonkeyPatch.context() as patch:
        if stop:
            patch.setattr(characters, "EpochLog", killed(stop))
        state = characters.train(model, vocabulary, numbers, Small(), settings)
    return model, vocabulary, state


def test_a_training_goes_on_from_its_checkpoint_to_the_same_bits(tmp_path):
    whole, _, state = training(tmp_path / "whole")
    assert state.total_steps == 16
    with pytest.raises(KeyboardInterrupt):
        training(tmp_path / "halves", stop=11)
    resumed, _, again = training(tmp_path / "halves")
    losses = [[row["losses"] for row in one.history] for one in (state, again)]
    assert losses[0] == losses[1]
    assert len(losses[0][1]) == 8
    for name, value in whole.state().items():
        np.testing.assert_array_equal(resumed.state()[name], value)


def test_a_checkpoint_of_another_text_or_damaged_is_refused(tmp_path):
    training(tmp_path)
    with pytest.raises(UserError, match="another training"):
        training(tmp_path, "other text, quite other" * 4)
    file = tmp_path / "characters.checkpoint.npz"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="damaged"):
        training(tmp_path)


def test_a_kept_model_goes_on_with_a_text(tmp_path, capsys):
    model, vocabulary, _ = training(tmp_path)
    command = ["write", "--length", "9", "--model", str(tmp_path / "characters.checkpoint.npz")]
    assert main([*command, "--prime", "ab", "--top-k", "2"]) == 0
    expected = characters.generate(model, vocabulary, "ab", 9, temperature=0.8, top_k=2)
    assert capsys.readouterr().out == f"ab{expected}\n"
    assert main([*command, "--prime", "az"]) == 2
    assert "'z' is not one of" in capsys.readouterr().err
    assert main(["write", "--model", str(tmp_path / "none.npz")]) == 2
    write_archive(tmp_path / "other.npz", {"key": '["translator", 3]'}, {})
    assert main(["write", "--model", str(tmp_path / "other.npz")]) == 2
    assert "no character model" in capsys.readouterr().err


def test_a_quick_model_writes_without_being_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for text in ("abc " * 300, "xyz, " * 300):  # the second takes the first's place
        (tmp_path / "text.txt").write_text(text)
        assert main(["gallery", "characters", "--quick", "--data", "text.txt"]) == 0
    said = capsys.readouterr().out
    assert "held out nats: " in said
    assert f"picture: {Path('report', 'gallery', 'quick', 'characters.png')}" in said
    assert main(["write", "--length", "4", "--prime", "xyz"]) == 0
    written = capsys.readouterr()
    assert written.out.startswith("xyz")
    assert "characters.quick.npz" in written.err


def test_what_sampling_refuses(tmp_path):
    model, vocabulary, _ = training(tmp_path)
    assert len(characters.generate(model, vocabulary, "ab", 7, temperature=0.5, top_k=2)) == 7
    with pytest.raises(UserError, match="'z' is not one of"):
        characters.generate(model, vocabulary, "az", 3)
    with pytest.raises(UserError, match="empty"):
        characters.generate(model, vocabulary, "", 3)
    with pytest.raises(UserError, match="shorter than one window"):
        training(tmp_path / "other", "abc")


@pytest.mark.parametrize(
    ("reader", "content", "message"),
    [
        (rating.read_reviews, "1\tgood\n2\tbad\n", "row 2: expected 1 or 0"),
        (rating.read_reviews, "1\tgood\n1\tfine\n", "of both kinds"),
        (tagging.read_tagged, "The\tDET\nend\n", "row 2: expected a word"),
        (read_corpora, "x", "'train' and '.en'"),
    ],
)
def test_files_of_another_form_are_refused(tmp_path, reader, content, message):
    (tmp_path / "data.tsv").write_text(content, "utf-8")
    with pytest.raises(UserError, match=message):
        reader(tmp_path / "data.tsv")


def test_sentences_to_test_on_must_not_be_empty(tmp_path):
    for part, text in (("train", "one\n"), ("val", "one\n\ntwo\n")):
        for language in ("en", "fr"):
            (tmp_path / f"x_{part}.{language}").write_text(text, "utf-8")
    with pytest.raises(UserError, match=r"x_val\.en: row 2: is empty"):
        read_corpora(tmp_path / "x_train.en")
    for language in ("en", "fr"):
        (tmp_path / f"x_train.{language}").write_text("one " * 41, "utf-8")
    with pytest.raises(UserError, match="1 to 40 words"):
        read_corpora(tmp_path / "x_train.en")


def test_a_form_shortens_runs():
    assert [tagging.form(w) for w in ("McDonald", "1,500", "USA", "the")] == [
        "AaAa",
        "0,0",
        "A",
        "a",
    ]


def test_a_translator_goes_on_from_its_checkpoint_to_the_same_bits(tmp_path, monkeypatch):
    design = translation.Design(units=8, embedding=24, dropout=0.0, epochs=2, rate=0.008)
    corpus = [(s.split(), t.split()) for s, t in translations(70, RNG(0))]
    languages = Languages.of(corpus, 1, True)
    pairs = Pairs(corpus, languages)
    states = []
    for out in ("whole", "halves"):
        settings = Settings("translation", tmp_path / out, say=lambda line: None)
        model = translation.plain(languages, design)
        if out == "halves":
            monkeypatch.setattr(translation, "EpochLog", killed(3))
            with pytest.raises(KeyboardInterrupt):
                translation.train("reversed", model, pairs, design, settings)
            monkeypatch.undo()
        cost = translation.train("reversed", model, pairs, design, settings)
        states.append(model.state())
    assert cost["parameters"] == sum(value.size for value in states[0].values())
    for name, value in states[0].items():
        np.testing.assert_array_equal(states[1][name], value)
