"""How every command loads a challenge: what had to be chosen, and what is odd, is printed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.cli.output import Output
from rosenblatt.phases import phase

if TYPE_CHECKING:
    from rosenblatt.challenge import Challenge


def load(output: Output, folder: Path | str) -> "Challenge":
    """Return the challenge in a folder, once its choices are printed. Raises as load_challenge."""
    from rosenblatt.challenge import load_challenge
    from rosenblatt.challenge.oddities import oddities

    with phase(f"reading {folder}"):
        challenge = load_challenge(folder)
    say_choices(output, challenge, oddities(challenge))
    return challenge


def say_choices(output: Output, challenge: "Challenge", odd: Sequence[str]) -> None:
    """Print what had to be chosen where the files do not say it, and what is odd."""
    for note in challenge.notes:
        output.say(f"why      {note}")
    for oddity in odd:
        output.say(f"odd      {oddity}")
