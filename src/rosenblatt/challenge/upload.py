"""Hand-ins through Kaggle's own command line, an external program that keeps its own credential."""

import shutil
import subprocess
from pathlib import Path

from rosenblatt.errors import UserError

# What its refusals mean, in the order in which they are looked for. From the tool's own threads:
# it answers 403 also to a competition that does not exist, and 400 without a reason to much else.
REFUSALS = {
    "No module named": "Kaggle's program lacks a package; install that one beside it with pip.",
    "kaggle.json": "it found no credential; make a token on Kaggle's account page and put it where "
    "the message says. Rosenblatt never asks for it and never keeps it.",
    "401": "the credential is out of date; make a new token on Kaggle's account page.",
    "403": "either the competition's rules are not accepted, or you have not joined it, or its "
    "name is typed wrong. Open its page in a browser, join, accept the rules, and copy the name "
    "from the address.",
    "404": "there is no competition of this name; copy it from the address of its page.",
    "429": "too many requests; wait some minutes.",
    "400": "Kaggle gives no reason. The file passed `check`, so look at these: the day's quota "
    "used up from elsewhere, the competition over or not joined, its name typed wrong.",
    "Connection": "Kaggle cannot be reached; look at the network.",
}
OTHERWISE = "no reason is given; the file passed `check`, so try once more, then by the web page."


def upload(file: Path, competition: str, message: str) -> str:
    """Hand a file in, and return what Kaggle's program said.

    Raises UserError, with the meaning of a refusal: the program is not there, or did not succeed.
    """
    program = shutil.which("kaggle")
    if program is None:
        raise UserError(
            "Kaggle's command line is not installed; `pip install kaggle six` in an environment of "
            "its own, or hand the file in by the web page and note it with `submitted`."
        )
    command = [program, "competitions", "submit", competition, "-f", str(file), "-m", message]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    if done.returncode == 0 and "Successfully" in done.stdout:  # it also exits with 0 after a 400
        return lines[-1]
    said = lines[-1] if lines else f"exit code {done.returncode}"
    answer = done.stdout
    for own in (str(file), file.name, message, competition):  # may hold a number like a code
        answer = answer.replace(own, "") if own else answer
    raise UserError(f"Kaggle refused {file}: {said!r}. {explain(answer)}")


def explain(said: str) -> str:
    """Return what a refusal means and what to do about it."""
    meaning = next((text for sign, text in REFUSALS.items() if sign in said), OTHERWISE)
    return meaning[0].upper() + meaning[1:]
