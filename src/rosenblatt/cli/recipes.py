"""`recipes`: the shipped ones, with what each reached and how long it took."""

import argparse
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `recipes`."""
    parser = subparsers.add_parser(
        "recipes",
        help="list the shipped recipes, with their scores and times",
        description="List the recipes that come with Rosenblatt: what each is for, its "
        "cross-validated score and its time. The figures stand beside each recipe; `results` "
        "puts them there.",
        epilog="example: %(prog)s",
    )
    add_json_option(parser)
    parser.set_defaults(run=recipes)


def recipes(arguments: argparse.Namespace) -> int:
    """Print the shipped recipes and return 0."""
    from rosenblatt.challenge.evaluation import folds_scored
    from rosenblatt.challenge.shipped import shipped_recipes

    output = Output(arguments.json)
    rows = [["recipe", "accuracy", "+-", "on", "folds", "minutes", "of", "for"]]
    found = shipped_recipes()
    for recipe in found:
        figures = ["not measured", *[""] * 5]
        if recipe.measured:
            measured, scores = recipe.measured, recipe.measured["ensemble"]
            figures = [
                f"{scores['mean']:.4f}",
                f"{scores['standard_error']:.4f}",
                measured["challenge"],
                folds_scored(measured["first"], measured["folds"]),
                f"{measured['once']['seconds'] / 60:.1f}",
                measured["once"]["of"],
            ]
        rows.append([recipe.path.stem, *figures, recipe.purpose])
    output.table(rows)
    output.say("minutes: to train and predict once, with the threads that --json lists")
    output.say(f"in {_short(found[0].path.parent)}; use one with --recipe NAME")
    listed = {r.path.stem: {"purpose": r.purpose, "measured": r.measured} for r in found}
    output.figures({"recipes": listed})
    return 0


def _short(path: Path) -> Path:
    """Return a path from here where it is below, else the whole."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
