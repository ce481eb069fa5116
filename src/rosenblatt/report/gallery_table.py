"""The gallery's table in the README, made from the lines of figures that its systems left."""

import json
from pathlib import Path
from typing import Any

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.report.escape import markdown

MARKS = (
    "<!-- python start.py results, from report/gallery -->\n",
    "<!-- end of the gallery's figures -->\n",
)

DETECTION = (
    "mean average precision (by SVM) on {folds} x {test_scenes} images: SPP-net at one scale "
    "{mean_average_precision[SPP-net][softmax, one scale]:.3f} "
    "({mean_average_precision[SPP-net][linear SVM, one scale]:.3f}), at five "
    "{mean_average_precision[SPP-net][softmax, five scales]:.3f} "
    "({mean_average_precision[SPP-net][linear SVM, five scales]:.3f}), R-CNN "
    "{mean_average_precision[R-CNN][softmax, warped]:.3f} "
    "({mean_average_precision[R-CNN][linear SVM, warped]:.3f}); its convolutions take "
    "{convolution_seconds_of_2000_windows[ratio][one]:.0f} times as long"
)
SEGMENTATION = (
    "overlap of the foreground with the truth on {folds} x {test_scenes} images: FCN-32 "
    "{intersection_over_union[FCN-32][foreground]:.3f} "
    "(trained as long: {intersection_over_union[FCN-32 as long][foreground]:.3f}), FCN-16 "
    "{intersection_over_union[FCN-16][foreground]:.3f}, FCN-8 "
    "{intersection_over_union[FCN-8][foreground]:.3f} "
    "(enlarging bilinear: {intersection_over_union[FCN-8 bilinear][foreground]:.3f}), with a "
    "random field {intersection_over_union[FCN-8 and field][foreground]:.3f}"
)
WINDOWS = (
    "selective search: {selective_search[covered_at_0.5]:.3f} of {selective_search[objects]} "
    "objects covered at an overlap of 0.5 by at most {selective_search[most_windows]:,} windows, "
    "{selective_search[cpu_seconds_an_image]:.2f} s an image; sliding windows: "
    "{sliding_windows[covered_at_0.5]:.3f} by {sliding_windows[mean_windows]:,.0f} windows an "
    "image; branch and bound: the optimum in "
    "{branch_and_bound[same_optimum]} of {branch_and_bound[cases]} cases, with at least "
    "{branch_and_bound[least_saving]:.0f} times fewer evaluations"
)

# What a system's line of figures says, in words; a system without words has no row. Of a system
# that has run on its own scenes too, those figures are kept in a folder of that name.
FIGURES = {
    "memory": "copy task solved at lag 200, of {seeds} seeds: Elman {solved_at_200[Elman]}, "
    "LSTM {solved_at_200[LSTM]}, GRU {solved_at_200[GRU]}",
    "characters": "{held_out_nats:.3f} nats a character on the held-out tenth "
    "({bits_per_character:.2f} bits, perplexity {perplexity:.2f})",
    "rating": "accuracy {accuracy:.4f}, cross-validated in {folds} folds",
    "tagging": "accuracy {accuracy:.4f} on {test_words:,} words of the development set",
    "numbers": "{exact[english to french]:.3f} of unseen numbers right from English to French, "
    "{exact[french to english]:.3f} back",
    "translation": "BLEU-4 of small letters, signs apart, by beam (greedy): sources reversed "
    "{reversed[beam][bleu]:.1f} "
    "({reversed[greedy][bleu]:.1f}), not reversed {not reversed[beam][bleu]:.1f} "
    "({not reversed[greedy][bleu]:.1f}), with attention {attention[beam][bleu]:.1f} "
    "({attention[greedy][bleu]:.1f})",
    "captions": "{exact:.4f} of {scenes} captions exact, on combinations never trained on",
    "grid": "overlap with the truth: sweeps {sweeps[overlap]:.3f}, "
    "convolutions {convolutions[overlap]:.3f}",
    "feature_learning": "accuracy {0 rounds[accuracy]:.3f} by all pixels alike, "
    "{3 rounds[accuracy]:.3f} by a learned metric, whose first {pixels} pixels are the ring's to "
    "{3 rounds[found]:.2f}",
    "boosting": "test error of {rows} rows (noise {noise:.1f}): 300 trees at rate 1 "
    "{rate 1[300 trees][test]:.3f}, 10 of them {rate 1[10 trees][test]:.3f}, 100 at rate 1/10 "
    "{rate 1/10[100 trees][test]:.3f}",
    "retina": "test accuracy {accuracy[6400 units]:.3f} on 6,400 association units, "
    "{accuracy[cells]:.3f} on the cells; bars recognised: {bars_told_of_40[400 units]} of 40 on "
    "400 units, {bars_told_of_40[cells]} on the cells",
    "windows": WINDOWS,
    "scenes/windows": WINDOWS,
    "detection": DETECTION,
    "scenes/detection": DETECTION,
    "segmentation": SEGMENTATION,
    "scenes/segmentation": SEGMENTATION,
}


def table(folder: Path) -> str:
    """Return a Markdown table of what the gallery's systems reached, one row each.

    Raises UserError where a line of figures is damaged or lacks something.
    """
    rows = [_row(folder / f"{name}.json", words) for name, words in FIGURES.items()]
    heads = "| system | data | figures of merit | time, of all threads together |\n"
    return heads + "|---|---|---|---|\n" + "".join(rows)


def _row(path: Path, words: str) -> str:
    """Return the row of one system, nothing where it has not run, or only quickly."""
    if not path.exists():
        return ""
    check_file(path)
    try:
        line: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if line["quick"]:
            return ""
        data = markdown(line["data"] or "its own")
        spent = f"{_processor_seconds(line) / 60:.1f} min, {line['cpu']}"
        return f"| `{line['system']}` | {data} | {words.format(**line)} | {spent} |\n"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path}: is not a line of figures ({error!r}); run the system again."
        ) from error


def _processor_seconds(line: dict[str, Any]) -> float:
    """Return the CPU time of the run; of a training in several runs, its own time in all."""
    parts = [line, *(value for value in line.values() if isinstance(value, dict))]
    trainings = [part["training"]["cpu_seconds"] for part in parts if "training" in part]
    return max(line["cpu_seconds"], sum(trainings))
