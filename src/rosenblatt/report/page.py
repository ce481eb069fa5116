"""One page for the browser: learning curves, the rows behind each mistake, columns, the ledger."""

import base64
import dataclasses
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.ledger import Run
from rosenblatt.challenge.target import Values
from rosenblatt.files import write_atomic
from rosenblatt.metrics import confusion_matrix, find_metric
from rosenblatt.metrics.decisions import answer
from rosenblatt.report.escape import script, shown
from rosenblatt.report.evidence import Evidence
from rosenblatt.report.figures import draw_columns
from rosenblatt.report.measured import Result, results
from rosenblatt.report.sheet import visible

RIGHT = 12  # images shown of each class that were right; of the wrong ones, all
POINTS = 1000  # of true and predicted values
SHEET = 40  # images in a row of the picture that holds them
LEDGER = ("time", "command", "recipe", "validation", "public", "seconds", "file", "cpu")
SHORT = ("recipe", "file")  # digests, of which 8 letters are enough


def write_page(path: Path, challenge: Challenge, evidence: Evidence, runs: list[Run]) -> None:
    """Write the page: one file that asks for nothing outside of itself.

    All text goes through JSON and into text nodes, so that none can run as a script. Of the runs
    it has those on the same data.
    Raises UserError as write_atomic.
    """
    text = script(_data(evidence.judged(challenge), evidence, runs))
    page = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    write_atomic(path, page.replace("DATA", text, 1))


def _data(challenge: Challenge, evidence: Evidence, runs: list[Run]) -> dict[str, Any]:
    own = [run for run in runs if run.data == challenge.digest]
    together = results(challenge, evidence)[-1]
    return {
        "title": f"{shown(challenge.name)}: recipe {evidence.recipe[:8]}",
        "summary": _summary(challenge, together),
        "curve": evidence.curve,
        "columns": _columns(challenge, evidence) if evidence.explained else None,
        "ledger": {
            "columns": LEDGER,
            "rows": [_row(run) for run in own],
            "others": len(runs) - len(own),
        },
        **(_points if isinstance(challenge.target, Values) else _mistakes)(challenge, evidence),
    }


def _summary(challenge: Challenge, together: Result) -> str:
    rows = f"{len(challenge.target):,} rows that the models never saw"
    if together.wrong is None:
        metric = find_metric(challenge.metric).title
        return f"{metric} {together.score} ± {together.spread} on {rows}."
    wrong = f"{together.wrong:.0f} wrong"
    return f"{together.score} ± {together.spread} % right of {rows}; {wrong}."


def _columns(challenge: Challenge, evidence: Evidence) -> str:
    """Return the picture of what the recipe goes by, as the report has it."""
    with TemporaryDirectory() as folder:
        picture = Path(folder) / "columns.png"
        draw_columns(picture, challenge, evidence)
        return _address(picture.read_bytes())


def _points(challenge: Challenge, evidence: Evidence) -> dict[str, Any]:
    """Return true and predicted values of some rows, evenly chosen."""
    truth = challenge.target.truth.reshape(len(evidence.votes), -1)[:, 0]
    said = answer(find_metric(challenge.metric), evidence.votes).reshape(len(truth), -1)[:, 0]
    some = np.linspace(0, len(truth) - 1, min(POINTS, len(truth))).astype(np.int64)
    return {
        "points": [
            [float(truth[row]), float(said[row]), int(evidence.rows[row]) + 1] for row in some
        ]
    }


def _mistakes(challenge: Challenge, evidence: Evidence) -> dict[str, Any]:
    """Return the confusion matrix, and the rows behind its cells."""
    said = evidence.said(challenge)
    rows = _shown(challenge.labels, said)
    return {
        "classes": [shown(name) for name in challenge.classes],
        "counts": confusion_matrix(challenge.labels, said, len(challenge.classes)).tolist(),
        "sheet": _sheet(visible(challenge.train, rows)) if challenge.kind == "image" else None,
        "images": [
            {
                "row": int(evidence.rows[row]) + 1,
                "true": int(challenge.labels[row]),
                "said": int(said[row]),
                "share": round(float(evidence.votes[row, said[row]]), 4),
            }
            for row in rows
        ],
    }


def _shown(labels: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return the rows whose images the page holds: all wrong ones, and some right ones."""
    right = [np.flatnonzero((labels == k) & (said == k))[:RIGHT] for k in np.unique(labels)]
    return np.concatenate([np.flatnonzero(labels != said), *right])


def _sheet(images: np.ndarray) -> dict[str, Any]:
    """Return images [n, H, W, 3] as one picture in rows of SHEET, and how to cut it."""
    from matplotlib.image import imsave

    count, height, width, _ = images.shape
    rows = -(-count // SHEET)
    tiles = np.zeros((rows * SHEET, height, width, 3), np.float32)
    tiles[:count] = images
    mosaic = tiles.reshape(rows, SHEET, height, width, 3).transpose(0, 2, 1, 3, 4)
    picture = io.BytesIO()
    imsave(picture, mosaic.reshape(rows * height, SHEET * width, 3), format="png")
    address = _address(picture.getvalue())
    return {"width": width, "height": height, "columns": SHEET, "picture": address}


def _address(png: bytes) -> str:
    """Return the address of a picture that is the picture."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _row(run: Run) -> list[Any]:
    """Return a ledger's line as the page shows it: names visible, digests and seconds short."""
    values = dataclasses.asdict(run) | {"seconds": round(run.seconds, 1)}
    row = [values[name] for name in LEDGER]
    return [
        (value[:8] if name in SHORT else shown(value, 200)) if isinstance(value, str) else value
        for name, value in zip(LEDGER, row, strict=True)
    ]
