"""`inspect DIR`: what a challenge folder holds."""

import argparse

from rosenblatt.cli.output import Output, add_json_option


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `inspect`."""
    parser = subparsers.add_parser("inspect", help="say what a challenge folder holds")
    parser.add_argument("folder", metavar="DIR", help="the challenge folder")
    add_json_option(parser)
    parser.set_defaults(run=inspect)


def inspect(arguments: argparse.Namespace) -> int:
    """Print what was found in a challenge folder."""
    from rosenblatt.challenge import load_challenge

    challenge = load_challenge(arguments.folder, missing_allowed=True)
    output = Output(arguments.json)
    output.say(f"{challenge.name}: {challenge.train.shape} {challenge.test.shape}")
    output.figures({"name": challenge.name})
    return 0
