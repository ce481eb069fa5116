"""Kaggle's own command line, an external program that keeps its own credential: data, hand-ins."""

import csv
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rosenblatt.errors import UserError
from rosenblatt.phases import phase

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
    "400": "Kaggle gives no reason. Look at these: the day's quota "
    "used up from elsewhere, the competition over or not joined, its name typed wrong.",
    "Connection": "Kaggle cannot be reached; look at the network.",
}
OTHERWISE = "no reason is given; try once more, then by the web page."
MISSING = (
    "Kaggle's command line is not installed; `pip install kaggle six` in an environment of its own"
)
COLUMNS = ("fileName", "date", "description", "status", "publicScore")
ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?kaggle\.com/(?:competitions|c)/([^/?#]+).*")
NAME = re.compile("[a-z0-9][a-z0-9-]*")
PAUSE = 5.0  # seconds between two looks for a score


@dataclass(frozen=True)
class Submission:
    """One of your submissions as Kaggle lists it; public is None where it has no score yet."""

    file: str
    time: str
    message: str
    status: str
    public: float | None


def upload(file: Path, competition: str, message: str) -> str:
    """Hand a file in, and return what Kaggle's program said.

    Raises UserError, with the meaning of a refusal: the program is not there, or did not succeed.
    """
    if shutil.which("kaggle") is None:
        raise UserError(f"{MISSING}, or hand the file in by the web page and note it: `submitted`.")
    words = ["submit", competition, "-f", str(file), "-m", message]
    said, code = _ask(words)
    if code == 0 and "Successfully" in said:  # it also exits with 0 after a 400
        return _lines(said)[-1]
    raise _refusal(f"Kaggle refused {file}", said, code, (str(file), file.name, *words))


def submissions(competition: str) -> list[Submission]:
    """Return your submissions to a competition, as Kaggle lists them, the latest first.

    Raises UserError as upload, and where the list has another form.
    """
    if shutil.which("kaggle") is None:
        raise UserError(f"{MISSING}, or look at the competition's page.")
    said, code = _ask(["submissions", competition, "--csv"])
    lines = _lines(said)
    start = next((n for n, line in enumerate(lines) if set(COLUMNS) <= set(line.split(","))), None)
    if code == 0 and any("No submissions" in line for line in lines):
        return []
    if code != 0 or start is None:
        raise _refusal(f"Kaggle lists no submissions to {competition}", said, code, (competition,))
    return [
        Submission(
            row["fileName"], row["date"], row["description"],
            row["status"].rpartition(".")[2].lower(), _score(row["publicScore"]),
        )
        for row in csv.DictReader(lines[start:])
    ]  # fmt: skip


def _score(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def scored(
    competition: str, file: str, message: str, earlier: Sequence[Submission], seconds: float
) -> Submission | None:
    """Wait for the score of a file that was just handed in; None where it takes too long.

    earlier: what was listed before, so that an older one of this name and message is not taken for
    it. Raises UserError as submissions.
    """
    ends, known = time.monotonic() + seconds, len(_alike(earlier, file, message))
    with phase("waiting for Kaggle's score"):
        while True:
            found = _alike(submissions(competition), file, message)
            if len(found) > known and found[0].status != "pending":
                return found[0]
            if time.monotonic() > ends:
                return None
            time.sleep(PAUSE)


def _alike(listed: Sequence[Submission], file: str, message: str) -> list[Submission]:
    """Return the submissions of a name and message, the latest first."""
    found = [one for one in listed if (one.file, one.message) == (file, message)]
    return sorted(found, key=lambda one: one.time, reverse=True)


def competition_name(text: str) -> str:
    """Return a competition's name from itself or the address of its page. Raises UserError."""
    given = ADDRESS.fullmatch(text.strip())
    name = given[1] if given else text.strip()
    if not NAME.fullmatch(name):
        raise UserError(
            f"{text[:80]!r} is no name of a competition; copy it from the address of its page, "
            "kaggle.com/competitions/NAME: small letters, digits and hyphens."
        )
    return name


def download(competition: str, folder: Path) -> list[Path] | None:
    """Have a competition's files in a folder, which they enter whole; None without the program.

    Raises UserError with the meaning of a refusal.
    """
    if shutil.which("kaggle") is None:
        return None
    with tempfile.TemporaryDirectory(dir=folder) as place:
        with phase(f"downloading {competition}"):
            said, code = _ask(["download", competition, "-p", place])
        found = sorted(Path(place).iterdir())
        if code != 0 or not found:
            raise _refusal(f"Kaggle gave no files of {competition}", said, code, (competition,))
        return [path.rename(folder / path.name) for path in found]


def _ask(words: list[str]) -> tuple[str, int]:
    """Return what `kaggle competitions` says to some words, and its exit code."""
    done = subprocess.run(
        [shutil.which("kaggle") or "kaggle", "competitions", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.stdout, done.returncode


def _lines(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if line.strip()]


def _refusal(what: str, said: str, code: int, own: Sequence[str]) -> UserError:
    """Return the error that explains an answer; `own` words in it may hold a number like a code."""
    last = (_lines(said) or [f"exit code {code}"])[-1]
    for word in own:
        said = said.replace(word, "") if word else said
    return UserError(f"{what}: {last!r}. {explain(said)}")


def explain(said: str) -> str:
    """Return what a refusal means and what to do about it."""
    meaning = next((text for sign, text in REFUSALS.items() if sign in said), OTHERWISE)
    return meaning[0].upper() + meaning[1:]
