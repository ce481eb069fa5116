"""A sheet of sample rows that are no images: sequences in colours, numbers in greys."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.inspection import NOUNS
from rosenblatt.report.escape import drawn
from rosenblatt.report.style import BLUE, GREEN, ORANGE, PURPLE, figure

SAMPLES = 12  # rows of a class
CLASSES = 20
LETTERS = {"A": GREEN, "C": BLUE, "G": ORANGE, "T": PURPLE, "unknown": "#FFFFFF"}


def write_rows(path: Path | str, challenge: Challenge) -> None:
    """Draw up to 12 training rows of each of up to 20 classes, whole or not at all.

    A sequence's letters have a colour each; of numbers, a column is the darker the higher it is
    among its values. The rows are spread evenly over the file. Raises UserError as figure.
    """
    shown = [k for k in range(len(challenge.classes)) if (challenge.labels == k).any()][:CLASSES]
    chosen = [_spread(np.flatnonzero(challenge.labels == k)) for k in shown]
    with figure(path, 18, 1.6 + 0.12 * sum(len(rows) + 1 for rows in chosen)) as drawing:
        panels = drawing.subplots(len(shown), 1, squeeze=False)[:, 0]
        for axes, k, rows in zip(panels, shown, chosen, strict=True):
            pictures = _pictures(challenge, rows)
            extent = (0.5, pictures.shape[1] + 0.5, len(rows), 0)  # what has no name counts from 1
            axes.imshow(pictures, aspect="auto", cmap="Greys", vmin=0, vmax=1, extent=extent)
            axes.set_ylabel(drawn(challenge.classes[k], 20), rotation=0, ha="right", va="center")
            axes.set_yticks([])
            axes.tick_params(length=0, labelbottom=axes is panels[-1])
            axes.xaxis.get_major_locator().set_params(integer=True)
        panels[0].set_title(f"{drawn(challenge.name)}: training rows by class")
        panels[-1].set_xlabel(NOUNS[challenge.kind][1])
        if challenge.kind == "dna":
            from matplotlib.patches import Patch

            handles = [Patch(facecolor=color, edgecolor="0.7", label=letter)
                       for letter, color in LETTERS.items()]  # fmt: skip
            drawing.legend(handles=handles, loc="outside lower center", ncols=5)


def _spread(rows: np.ndarray) -> np.ndarray:
    count = min(SAMPLES, len(rows))
    return rows[np.linspace(0, len(rows) - 1, count).round().astype(int)]


def _pictures(challenge: Challenge, rows: np.ndarray) -> np.ndarray:
    """Return rows as [n, L, 3] of colours, or as [n, D] from 0 to 1."""
    if challenge.kind == "dna":
        from matplotlib.colors import to_rgb

        return np.array([to_rgb(color) for color in LETTERS.values()])[challenge.train[rows]]
    finite = np.isfinite(challenge.train)
    least = challenge.train.min(0, where=finite, initial=np.inf)
    most = challenge.train.max(0, where=finite, initial=-np.inf)
    with np.errstate(invalid="ignore", over="ignore"):  # missing values are white, infinite black
        shown = (challenge.train[rows] - least) / np.maximum(most - least, 1e-12)
    return np.clip(np.nan_to_num(shown), 0, 1)
