"""`completion SHELL`: lets the shell complete commands and options."""

import argparse

from rosenblatt.cli.output import Output

# The words of the parser, asked of it each time, so that they are never out of date. For
# `python start.py` the shell completes `python`, and other scripts get names of files, as before.
BASH = """_rosenblatt_words() {  # how many words name the program
    local word=${COMP_WORDS[COMP_CWORD]} before=("${COMP_WORDS[@]:$1:COMP_CWORD-$1}") words
    words=$("${COMP_WORDS[@]:0:$1}" completion words "${before[@]}" 2>/dev/null)
    COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}
_rosenblatt() { _rosenblatt_words 1; }
_rosenblatt_python() {
    if [[ ${COMP_WORDS[1]} == *start.py && $COMP_CWORD -gt 1 ]]; then _rosenblatt_words 2; fi
}
complete -o filenames -F _rosenblatt rosenblatt
complete -o default -o bashdefault -o filenames -F _rosenblatt_python python python3
"""
ZSH = """autoload -U +X bashcompinit && bashcompinit
"""
FISH = """complete -c rosenblatt -a '(rosenblatt completion words (commandline -opc)[2..])'
for python in python python3
    complete -c $python -n 'string match -q "*start.py" -- (commandline -opc)[2]' \\
        -a '(python3 (commandline -opc)[2] completion words (commandline -opc)[3..])'
end
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH + BASH, "fish": FISH}


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `completion`."""
    parser = subparsers.add_parser(
        "completion",
        help="print what makes the shell complete commands",
        description="Print a script that makes bash, zsh or fish complete the commands and options "
        "after `python start.py`, and after `rosenblatt` (where it is installed with pip).",
        epilog='example: eval "$(%(prog)s bash)"',
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
        Output(None).say_lines(SCRIPTS[arguments.shell])
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
