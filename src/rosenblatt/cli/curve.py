"""`curve DIR`: how a recipe's score grows with the number of training rows."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from rosenblatt.cli import run
from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output
from rosenblatt.cli.workers import positive, workers
from rosenblatt.errors import UserError
from rosenblatt.phases import phase

if TYPE_CHECKING:
    import numpy as np

    from rosenblatt.metrics import Metric


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `curve`."""
    parser = subparsers.add_parser(
        "curve",
        help="score a recipe by the number of training rows",
        description="Train a recipe on the first rows of a shuffled training set, and "
        "score it on rows held out for all sizes. `results` draws the curve beside published ones.",
        epilog="example: %(prog)s data/digits --rows 100,200,400 --held 500",
    )
    run.add_recipe_options(parser)
    parser.add_argument("--rows", type=_sizes, required=True, help="sizes, such as 300,1000,2000")
    parser.add_argument("--held", type=positive, default=1000, help="rows to score (default: 1000)")
    parser.set_defaults(run=curve)


def curve(arguments: argparse.Namespace) -> int:
    """Print the score at each size, and return 0."""
    import numpy as np

    from rosenblatt import pipeline
    from rosenblatt.metrics import find_metric

    output = Output(arguments.json)
    challenge = load(output, arguments.folder)
    recipe = run.choose_recipe(arguments, challenge)
    metric = find_metric(challenge.metric)
    N, held, most = len(challenge.target), arguments.held, max(arguments.rows)
    if held + most > N:
        raise UserError(
            f"--rows {most} and --held {held}: there are {N} training rows in all; lower one."
        )
    order = np.random.default_rng(recipe.seed).permutation(N)
    out = np.sort(order[:held])
    learned = [np.sort(order[held : held + size]) for size in arguments.rows]
    splits = [pipeline.whole_split(challenge, recipe, rows, out) for rows in learned]
    pipeline.check_splits(challenge, recipe, splits)
    for sentence in pipeline.lacking(challenge, splits):
        output.say(f"odd      {sentence}")
    points: list[dict[str, Any]] = []
    for size, split in zip(arguments.rows, splits, strict=True):
        start = time.perf_counter()
        with phase(f"{size} rows", pipeline.units(recipe, len(split.rows))) as progress:
            where = workers(arguments)
            found = pipeline.predict(challenge, recipe, where, progress, split).rows
        truth = challenge.target.truth[out]
        point = {"rows": size, **_score(metric, truth, found)}
        point["seconds"] = round(time.perf_counter() - start, 3)
        output.say(
            f"{size:7,} rows: {metric.title} {point['score']:.4f} +- "
            f"{point['standard_error']:.4f}, {point['seconds']:.1f} s"
        )
        points.append(point)
    seconds = sum(point["seconds"] for point in points)
    figures = run.figures(challenge, recipe, seconds) | {"command": "curve", "held": held}
    figures["metric"] = metric.name
    output.figures(figures | {"threads": arguments.threads, "points": points})
    return 0


def _score(metric: "Metric", truth: "np.ndarray", answers: "np.ndarray") -> dict[str, float]:
    """Return the score of held rows; the error is that of so many of them, not of the draw."""
    from rosenblatt.challenge.evaluation import drawn_again

    score, held = metric(truth, answers), len(truth)
    if metric.name == "accuracy":
        error = (score * (1 - score) / held) ** 0.5
    else:
        error = float(drawn_again(metric, truth, answers, held).std())
    return {"score": score, "standard_error": error}


def _sizes(text: str) -> list[int]:
    return [positive(part) for part in text.split(",")]
