"""`audit`: is everything that learns our own?"""

import argparse
from dataclasses import asdict
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `audit`."""
    parser = subparsers.add_parser(
        "audit",
        help="check the do-it-yourself rule",
        description="Look for machine-learning libraries in the imports of src/ and start.py, in "
        "the locked dependencies, and among the modules loaded by a run. A folder of scripts is "
        "judged by its imports alone, as rules = in its challenge.toml says. Exit code 0 if there "
        "is none, 2 otherwise.",
        epilog="example: %(prog)s --json audit.json",
    )
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=Path,
        help="the sources (default: the project's, or the installed package where it has none)",
    )
    add_json_option(parser)
    parser.set_defaults(run=audit)


def audit(arguments: argparse.Namespace) -> int:
    """Print what the three checks found and return 0 if that is nothing, else 2."""
    from rosenblatt.challenge.audit import audit, check_scripts
    from rosenblatt.challenge.settings import read_settings
    from rosenblatt.program import PACKAGE

    output = Output(arguments.json)
    project = arguments.project if (arguments.project / "src").is_dir() else PACKAGE
    folder = arguments.folder
    if folder is not None and folder.is_dir() and not (folder / "src").exists():
        checks = [check_scripts(folder, read_settings(folder).rules)]
    else:
        checks = audit(folder or project)
    for check in checks:
        output.say(f"{check.name}: {check.looked_at}, {len(check.findings) or 'none'} banned")
        for finding in check.findings:
            output.say(f"  {finding}")
    clean = not any(check.findings for check in checks)
    output.figures({"clean": clean, "checks": [asdict(check) for check in checks]})
    return 0 if clean else 2
