"""`curve`: score by the number of training rows, on rows that no size learns from."""

import json

import numpy as np

from rosenblatt.cli import main
from tests.cli.test_evaluate import place  # noqa: F401


def test_curve(place, capsys, monkeypatch):  # noqa: F811
    from rosenblatt import pipeline

    learned, scored = [], []
    honest = pipeline.predict

    def watched(challenge, recipe, workers, progress, split):
        learned.append(split.rows)
        scored.append(split.out)
        return honest(challenge, recipe, workers, progress, split)

    monkeypatch.setattr(pipeline, "predict", watched)
    words = ["curve", "data", "--recipe", "r.toml", "--rows", "6,20", "--held", "12"]
    assert main([*words, "--threads", "1", "--json", "c.json"]) == 0
    assert "20 rows: " in capsys.readouterr().out
    found = json.loads((place / "c.json").read_text())
    assert [point["rows"] for point in found["points"]] == [6, 20] == list(map(len, learned))
    assert all(0 <= point["score"] <= 1 for point in found["points"])
    assert np.array_equal(*scored)
    assert not np.isin(learned[1], scored[0]).any()
    assert np.isin(learned[0], learned[1]).all()
    assert main([*words[:4], "--rows", "30", "--held", "12"]) == 2
    assert "40 training rows in all" in capsys.readouterr().err
