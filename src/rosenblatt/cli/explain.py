"""`explain DIR`: which columns a recipe goes by, and what it says along them."""

import argparse
import time
from pathlib import Path

from rosenblatt.cli import run
from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, output_file
from rosenblatt.cli.targets import target
from rosenblatt.cli.workers import workers
from rosenblatt.data.escape import visible
from rosenblatt.phases import phase

SHOWN = 20  # columns that are printed


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `explain`."""
    parser = subparsers.add_parser(
        "explain",
        help="say which columns of a table a recipe goes by",
        description="Train a recipe without the first fold, and score it there as each column is "
        "permuted: what is lost is the column's importance. Draws that, and the mean answer along "
        "the most important columns.",
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
    from rosenblatt import pipeline
    from rosenblatt.metrics import find_metric
    from rosenblatt.pipeline.explain import explain as explained
    from rosenblatt.report.explained import write_explanation

    output = Output(arguments.json)
    challenge = load(output, arguments.folder)
    recipe = run.choose_recipe(arguments, challenge)
    metric = find_metric(challenge.metric)
    path = target(arguments, Path(f"{Path(arguments.folder).resolve().name}-explained.png"))
    start = time.perf_counter()
    with phase(
        f"training {recipe.name!r}", pipeline.units(recipe, len(challenge.target))
    ) as progress:
        found = explained(challenge, recipe, workers(arguments), progress)
    write_explanation(path, found, metric.title, challenge.target)
    output.say(f"held     {metric.title} {found.score:.4f} of rows that were not learned from")
    for column, lost in list(zip(found.columns, found.lost, strict=True))[:SHOWN]:
        output.say(f"column   {visible(str(column))}: {lost.mean():.4f} +- {lost.std():.4f} lost")
    output.say(f"figure   {path}")
    seconds = round(time.perf_counter() - start, 3)
    output.figures(run.figures(challenge, recipe, seconds) | {
        "command": "explain",
        "metric": metric.name,
        "score": found.score,
        "importance": {str(c): v.tolist() for c, v in zip(found.columns, found.lost, strict=True)},
        "figure": str(path),
    })  # fmt: skip
    return 0
