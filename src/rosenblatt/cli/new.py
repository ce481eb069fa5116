"""`new NAME`: a project for a Kaggle competition, with its data where Kaggle's program is there."""

import argparse
import shlex
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option
from rosenblatt.errors import UserError
from rosenblatt.files import check_writable

FOLDERS = ("recipes", "submissions", "report")


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `new`."""
    parser = subparsers.add_parser(
        "new",
        help="begin a project for a Kaggle competition",
        description="Make a folder with data/NAME, recipes, submissions and report, and download "
        "the competition's files into it through Kaggle's own command line, where that is "
        "installed. Its rules must be accepted on its page before.",
        epilog="example: %(prog)s titanic",
    )
    parser.add_argument(
        "competition", metavar="KAGGLE-NAME", help="as in the address of its page, or that address"
    )
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", type=Path, help="the project (default: KAGGLE-NAME)"
    )
    add_json_option(parser)
    parser.set_defaults(run=new)


def new(arguments: argparse.Namespace) -> int:
    """Make the folders, fetch the data where that can be done, say what comes next; return 0."""
    from rosenblatt.challenge import kaggle

    output = Output(arguments.json)
    name = kaggle.competition_name(arguments.competition)
    project = arguments.folder or Path(name)
    data = project / "data" / name
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise UserError(f"{data}: is there already, and nothing was changed; name another DIR.")
    check_writable(data / "file")
    for folder in (data, *(project / one for one in FOLDERS)):
        folder.mkdir(parents=True, exist_ok=True)
    found = kaggle.download(name, data)
    output.say(f"project  {project}: data/{name}, {', '.join(FOLDERS)}")
    for path in found or ():
        output.say(f"data     {path}: {path.stat().st_size / 1e6:,.1f} MB")
    if found is None:
        output.say(f"data     {kaggle.MISSING}, or download the files from the competition's page")
        output.say(f"         and put them, or the zip as it is, into {data}")
    output.say(f"next     {shlex.join(['inspect', str(data)])}, then")
    output.say(f"         {shlex.join(['evaluate', str(data), '--project', str(project)])}")
    output.figures(
        {"project": str(project), "data": str(data), "files": list(map(str, found or ()))}
    )
    return 0
