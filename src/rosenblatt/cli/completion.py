"""`completion SHELL`: lets the shell complete commands and options."""

import argparse

from rosenblatt.cli.output import Output

# The words of the parser, asked of it each time, so that they are never out of date.
BASH = """_rosenblatt() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} words
    words=$({program} completion words "${{COMP_WORDS[@]:1:COMP_CWORD-1}}" 2>/dev/null)
    COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}}
complete -o filenames -F _rosenblatt rosenblatt
"""
ZSH = """autoload -U +X bashcompinit && bashcompinit
"""
FISH = """complete -c rosenblatt -a '({program} completion words (commandline -opc)[2..])'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH + BASH, "fish": FISH}


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `completion`."""
    parser = subparsers.add_parser(
        "completion",
        help="print what makes the shell complete commands",
        description="Print a script that makes bash, zsh or fish complete the command "
        "`rosenblatt` (installed with pip install -e .), its commands and their options.",
        epilog='example: eval "$(rosenblatt completion bash)"',
    )
    parser.add_argument(
        "shell", choices=(*SCRIPTS, "words"), help="the shell; `words` lists what may come next"
    )
    parser.add_argument("before", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.set_defaults(run=completion)


def completion(arguments: argparse.Namespace) -> int:
    """Print the script for a shell, or the words that may follow others; return 0."""
    if arguments.shell == "words":
        Output(None).say_lines("\n".join(following(arguments.before)))
    else:
        Output(None).say_lines(SCRIPTS[arguments.shell].format(program="rosenblatt"))
    return 0


def following(before: list[str]) -> list[str]:
    """Return the commands, or the options of the command that `before` begins with."""
    from rosenblatt.cli import build_parser

    parser = build_parser()
    [commands] = [
        action.choices
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    if not before or before[0] not in commands:
        return sorted(commands)
    actions = commands[before[0]]._actions
    last = [action for action in actions if before[-1] in action.option_strings]
    if last and last[0].choices:
        return [str(choice) for choice in last[0].choices]
    return sorted(name for action in actions for name in action.option_strings)
