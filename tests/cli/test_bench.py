import json

import pytest

from rosenblatt.cli import main


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--nets", "A,Z"], "unknown net 'Z'"),
        (["--rivals", "abacus"], "unknown rival 'abacus'"),
        (["--parts", "all"], "unknown part 'all'"),
    ],
)
def test_what_cannot_be_raced_is_named(options, message, capsys):
    assert main(["bench", *options]) == 2
    assert message in capsys.readouterr().err


def test_a_number_of_threads_that_is_none_is_named(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["bench", "--threads", "0"])
    assert "0 is not a whole number from 1 to 1,024" in capsys.readouterr().err


def test_rates_are_printed_and_written(monkeypatch, tmp_path, capsys):
    from tests.benchmarks import race

    monkeypatch.setattr(race, "ROUNDS", 2)
    monkeypatch.setattr(race, "SECONDS", 0.01)
    file = tmp_path / "bench.json"
    assert main(["bench", "--nets", "D", "--threads", "1", "--json", str(file)]) == 0
    rows = json.loads(file.read_text())
    assert [(row["net"], row["mode"], row["threads"]) for row in rows] == [
        ("D", "train", 1), ("D", "infer", 1),
    ]  # fmt: skip
    for row in rows:
        assert row["ours"] == row["rival"] > 0
        assert row["ratio"] == 1
        assert row["gflops"] == pytest.approx(row["peak_share"] * row["peak"])
        assert 0 < row["executed_peak_share"] <= row["peak_share"]
        assert {"numba", "numpy"} <= set(row["versions"])
        assert row["cpu"]
    assert "train" in capsys.readouterr().out


def test_growth_is_raced_by_axis_and_ends_with_memory(monkeypatch, tmp_path, capsys):
    from tests.benchmarks import race, suite

    assert suite.growth("C") == [
        "C", "C batch=16", "C batch=32", "C batch=128", "C batch=256", "C side=16", "C side=64",
        "C width=0.5", "C width=2",
    ]  # fmt: skip
    monkeypatch.setattr(race, "ROUNDS", 1)
    monkeypatch.setattr(race, "SECONDS", 0.01)
    monkeypatch.setattr(suite, "growth", lambda name: [f"{name} batch=8 side=14"])
    monkeypatch.setattr(suite, "thread_counts", lambda most: [1])
    words = ["bench", "--parts", "growth", "--nets", "D", "--threads", "1", "--json", "-"]
    assert main(words) == 0
    said = capsys.readouterr()
    step, memory = json.loads(said.out)
    assert (step["net"], step["mode"], step["threads"]) == ("D batch=8 side=14", "train", 1)
    assert (memory["net"], memory["mode"]) == ("D", "memory")
    assert memory["ours"] > 3 * 4 * (784 * 512 + 512 * 256) / 1e6  # MB of weights and the like
