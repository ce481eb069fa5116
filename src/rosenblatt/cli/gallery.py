"""`gallery [NAME]`: run a system of the lecture and keep its figure."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rosenblatt.cli.output import Output, add_json_option, output_folder
from rosenblatt.phases import phase

LONGEST = 80  # characters of a figure that is printed; the JSON has all


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `gallery`."""
    parser = subparsers.add_parser(
        "gallery",
        help="run the lecture's systems, each leaving a figure",
        description="Without a name, list the systems; with --quick and no name, run them all on "
        "little data. Each leaves NAME.png and NAME.json, a line of figures of merit.",
        epilog="example: %(prog)s characters --quick --data README.md",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="the system")
    parser.add_argument(
        "--data", metavar="PATH", type=Path,
        help="real data instead of its own: a text, a challenge's folder, an npz of photographs, "
        "or (windows, detection) a folder of PNGs with boxes.csv",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes")
    parser.add_argument(
        "--out", metavar="DIR", type=output_folder, dest="into",
        help="where the results go (default: report/gallery, its folder quick for --quick)",
    )  # fmt: skip
    add_json_option(parser)
    parser.set_defaults(run=gallery)


def gallery(arguments: argparse.Namespace) -> int:
    """Run one system, or all where `--quick` is given alone, or list them; return 0."""
    from rosenblatt.gallery import SYSTEMS
    from rosenblatt.gallery.runner import Settings, run, title

    output = Output(arguments.json)
    if arguments.name is None and not arguments.quick:
        for name in SYSTEMS:
            output.say(f"{name:15} {title(name)}")
        output.figures({"systems": list(SYSTEMS)})
        return 0
    out = arguments.into or Path("report/gallery", "quick" if arguments.quick else "")
    lines = []
    for name in [arguments.name] if arguments.name else SYSTEMS:
        settings = Settings(name, out, arguments.data, arguments.quick, output.say)
        with phase(name):
            lines.append(run(settings))
        say_figures(output, lines[-1])
        output.say(f"picture: {settings.picture}, figures: {settings.picture.with_suffix('.json')}")
    output.figures({"systems": lines})
    return 0


def say_figures(output: Output, figures: Mapping[str, Any], depth: int = 0) -> None:
    """Print a line for each figure of merit, those within it below; long lists and texts not."""
    from rosenblatt.gallery.runner import in_words

    for name, value in figures.items():
        title = "  " * depth + str(name).replace("_", " ")
        if isinstance(value, Mapping):
            output.say(f"{title}:")
            say_figures(output, value, depth + 1)
        elif len(shown := in_words(value)) <= LONGEST:
            output.say(f"{title}: {shown}")
