"""`inspect DIR`: what a challenge folder holds, what each file was taken for, and why."""

import argparse
import dataclasses
from pathlib import Path

from rosenblatt.cli.loading import say_choices
from rosenblatt.cli.output import Output, add_json_option, output_file
from rosenblatt.cli.targets import SHEET, target
from rosenblatt.errors import UserError


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `inspect`."""
    parser = subparsers.add_parser(
        "inspect",
        help="say what a challenge folder holds, and draw a sheet of its images",
        description="Say what was found in a challenge folder: files, shapes, range of values, "
        "classes and their counts, Ids, and odd things such as missing values, repeated images "
        "or constant pixels; and save a sheet of sample images, a row for each class. With "
        "--augment the sheet shows what networks see of an image: each time another copy.",
        epilog="example: %(prog)s data/digits --out digits.png --augment",
    )
    parser.add_argument("folder", metavar="DIR", help="the challenge folder")
    parser.add_argument(
        "--out",
        metavar="PNG",
        type=output_file,
        help="the sheet of images (default: NAME-samples.png, here)",
    )
    parser.add_argument(
        "--augment",
        metavar="RECIPE",
        nargs="?",
        const="",
        help="show images as changed by this recipe, as in evaluate (default: the data's)",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="start a challenge.toml in the folder from the columns as they were read",
    )
    add_json_option(parser)
    parser.set_defaults(run=inspect)


def inspect(arguments: argparse.Namespace) -> int:
    """Print what a challenge folder holds, save the sheet of its images, and return 0."""
    from rosenblatt.challenge import load_challenge
    from rosenblatt.challenge.inspection import inspect_challenge
    from rosenblatt.challenge.settings_file import write_settings

    output = Output(arguments.json)
    challenge = load_challenge(arguments.folder, missing_allowed=True)
    inspection = inspect_challenge(challenge)
    _print(output, challenge, inspection)
    if arguments.write:
        output.say(f"settings {write_settings(Path(arguments.folder), challenge)}")
    sheet = _draw(arguments, challenge)
    output.say(f"sheet    {sheet}")
    output.figures(
        {
            "name": challenge.name,
            "kind": challenge.kind,
            "digest": challenge.digest,
            "files": dict(challenge.files),
            **dataclasses.asdict(inspection),
            "ids": {
                "column": challenge.id_column,
                "first": challenge.test_ids[0],
                "last": challenge.test_ids[-1],
                "count": len(challenge.test_ids),
            },
            "label_column": challenge.label_column,
            "metric": challenge.metric,
            "quota": challenge.quota,
            "public_share": challenge.public_share,
            "notes": list(challenge.notes),
            "sheet": str(sheet),
        }
    )
    return 0


def _draw(arguments: argparse.Namespace, challenge) -> Path:
    """Save the sheet of a challenge's samples or columns, and return where."""
    from rosenblatt.report.column_sheet import write_columns
    from rosenblatt.report.row_sheet import write_rows
    from rosenblatt.report.sheet import write_sheet

    sheet = target(arguments, Path(f"{Path(arguments.folder).resolve().name}{SHEET}"))
    if challenge.kind == "image":
        write_sheet(sheet, challenge, _recipe(arguments.augment, challenge))
    elif arguments.augment is not None:
        raise UserError(
            "--augment shows changed images, and this challenge has none; leave it out."
        )
    elif challenge.kind == "graph":
        import pandas

        sizes = pandas.DataFrame(challenge.train.sizes(), dtype="float64")
        write_columns(sheet, dataclasses.replace(challenge, train=sizes))
    elif challenge.kind == "table":
        write_columns(sheet, challenge)
    else:
        write_rows(sheet, challenge)
    return sheet


def _recipe(augment: str | None, challenge):
    """Return the recipe whose augmentation the sheet is to show, or None."""
    from rosenblatt.challenge.recipe import default_recipe, read_recipe, recipe_path

    if augment is None:
        return None
    default = default_recipe(*challenge.facts)
    return read_recipe(recipe_path(augment) if augment else default)


def _print(output: Output, challenge, inspection) -> None:
    from rosenblatt.challenge.inspection import NOUNS

    asked = f"{len(inspection.counts)} classes" if inspection.counts else "values"
    output.say(f"{challenge.name}: {NOUNS[challenge.kind][0]}s of {asked}")
    for name, meaning in challenge.files:
        output.say(f"file     {name}: {meaning}")
    output.say(f"train    {_range(inspection.train)}")
    output.say(f"test     {_range(inspection.test)}")
    counts = ", ".join(f"{name} {count:,}" for name, count in inspection.counts.items())
    for column in inspection.columns:
        output.say(f"column   {column.line()}")
    if counts:
        output.say(f"classes  {counts}")
    for name, (least, most) in inspection.values.items():
        output.say(f"values   {name} from {least:.6g} to {most:.6g}")
    ids = challenge.test_ids
    names = [name for name, _ in challenge.class_columns] or [challenge.label_column]
    output.say(
        f"submit   {','.join([challenge.id_column, *names])} and {len(ids):,} rows, "
        f"Ids {ids[0]} to {ids[-1]}"
    )
    output.say(
        f"rules    {challenge.metric}, {challenge.quota} submissions a day, "
        f"{challenge.public_share:.0%} of the test rows on the public board"
    )
    output.say(f"digest   {challenge.digest}")
    say_choices(output, challenge, inspection.odd or ("nothing",))


def _range(figures: dict) -> str:
    if "letters" in figures:
        least, most = figures["shortest"], figures["longest"]
        length = f"{least}" if least == most else f"{least} to {most}"
        counts = ", ".join(f"{name} {count:,}" for name, count in figures["letters"].items())
        return f"{figures['rows']:,} sequences of {length} letters: {counts}"
    if "graphs" in figures:
        ranges = ", ".join(f"{name} {a} to {b}" for name, (a, b) in figures["ranges"].items())
        return f"{figures['graphs']:,} graphs: {ranges}"
    if "columns" in figures:
        return f"{figures['rows']:,} rows of {figures['columns']} columns"
    shape = " x ".join(map(str, figures["shape"]))
    if figures["least"] is None:
        return f"{figures['rows']:,} rows of {shape}, no finite value"
    numbers = "whole numbers" if figures["whole"] else "numbers"
    ends = f"{figures['least']:.6g} to {figures['most']:.6g}"
    return f"{figures['rows']:,} rows of {shape}, {numbers} from {ends}"
