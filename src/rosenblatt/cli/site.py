"""`site`: write the guide, the gallery and the API as pages for reading offline."""

import argparse
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option, output_folder


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `site`."""
    parser = subparsers.add_parser(
        "site",
        help="write the guide, the lecture, the gallery and the API as pages to read offline",
        description="Write a static site: the lecture's chapters with their source and figures, "
        "the gallery, the API and a search. Open index.html in it; no network is needed.",
        epilog="example: %(prog)s --out site",
    )
    parser.add_argument(
        "--out", metavar="DIR", type=output_folder, dest="into", default=Path("site"),
        help="where the pages go (default: site)",
    )  # fmt: skip
    add_json_option(parser)
    parser.set_defaults(run=site, choices=subparsers.choices)


def site(arguments: argparse.Namespace) -> int:
    """Write all pages, and say how many and how large; return 0."""
    from rosenblatt.site.build import build

    output = Output(arguments.json)
    helps = {name: parser.format_help() for name, parser in arguments.choices.items()}
    files = build(arguments.into, arguments.project, helps)
    size = sum(file.stat().st_size for file in files)
    output.say(f"{arguments.into / 'index.html'}: {len(files)} files, {size / 1e6:.1f} MB")
    output.figures({"files": len(files), "bytes": size})
    return 0
