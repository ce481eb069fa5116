"""`explain DIR`: which columns a recipe goes by, and what it says along them."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.cli import run
from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, output_file
from rosenblatt.cli.targets import target
from rosenblatt.cli.workers import workers
from rosenblatt.escape import visible
from rosenblatt.phases import phase

if TYPE_CHECKING:
    from rosenblatt.challenge import Challenge
    from rosenblatt.challenge.recipe import Recipe
    from rosenblatt.pipeline.explain import Explanation

SHOWN = 20  # columns that are printed


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `explain`."""
    parser = subparsers.add_parser(
        "explain",
        help="say which columns of a table a recipe goes by",
        description="Train a recipe without the first fold, and score it there as each column is "
        "permuted: what is lost is the column's importance. Draws that, by how much each number "
        "counts in a learned metric, and the mean answer along the columns that count most.",
        epilog="example: %(prog)s data/heart --recipe trees --out explained.pdf",
    )
    run.add_recipe_options(parser)
    parser.add_argument(
        "--out",
        type=output_file,
        metavar="FILE",
        help=".pdf, .svg or .png (default: DIR-explained.png)",
    )
    parser.set_defaults(run=explain)


def explain(arguments: argparse.Namespace) -> int:
    """Print the importance of columns, draw the figure, and return 0."""
    from rosenblatt.metrics import find_metric

    output = Output(arguments.json)
    challenge = load(output, arguments.folder)
    recipe = run.choose_recipe(arguments, challenge)
    metric = find_metric(challenge.metric)
    path = target(arguments, Path(f"{Path(arguments.folder).resolve().name}-explained.png"))
    start = time.perf_counter()
    found = draw_explanation(path, arguments, challenge, recipe)
    output.say(f"held     {metric.title} {found.score:.4f} of rows that were not learned from")
    for column, lost in list(zip(found.columns, found.lost, strict=True))[:SHOWN]:
        output.say(f"column   {visible(column)}: {lost.mean():.4f} +- {lost.std():.4f} lost")
    for name, share in sorted(found.metric.items(), key=lambda pair: -pair[1])[:SHOWN]:
        output.say(f"metric   {visible(name)}: counts {share:.3f}")
    output.say(f"figure   {path}")
    seconds = round(time.perf_counter() - start, 3)
    output.figures(run.figures(challenge, recipe, seconds) | {
        "command": "explain",
        "metric": metric.name,
        "score": found.score,
        "importance": {c: v.tolist() for c, v in zip(found.columns, found.lost, strict=True)},
        "learned_metric": found.metric,
        "figure": str(path),
    })  # fmt: skip
    return 0


def draw_explanation(
    path: Path, arguments: argparse.Namespace, challenge: "Challenge", recipe: "Recipe"
) -> "Explanation":
    """Train a recipe without the first fold under a bar, draw what it goes by, and return that."""
    from rosenblatt import pipeline
    from rosenblatt.metrics import find_metric
    from rosenblatt.pipeline.explain import explain
    from rosenblatt.report.explained import write_explanation

    units = pipeline.units(recipe, len(challenge.target))
    with phase(f"training {recipe.name!r}", units) as progress:
        found = explain(challenge, recipe, workers(arguments), progress)
    write_explanation(path, found, find_metric(challenge.metric).title, challenge.target)
    return found
