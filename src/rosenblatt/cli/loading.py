"""How every command loads a challenge: what had to be chosen is printed, not only by `inspect`."""

from pathlib import Path
from typing import Any

from rosenblatt.cli.output import Output


def load(output: Output, folder: Path | str, missing_allowed: bool = False) -> Any:
    """Return the challenge in a folder, once its choices are printed. Raises as load_challenge."""
    from rosenblatt.challenge import load_challenge

    challenge = load_challenge(folder, missing_allowed)
    for note in challenge.notes:
        output.say(f"why      {note}")
    return challenge
