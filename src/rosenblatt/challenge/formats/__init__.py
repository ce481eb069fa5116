"""One small reader for each edition of a challenge, and the choice among them.

A reader is a module with two functions:
`matches(folder) -> str | None`, the reason why the folder is of its edition, or None;
`read(folder, missing_allowed=False) -> Challenge`.
"""

from pathlib import Path
from types import ModuleType

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.formats import digit_recognizer, dna, matrices, xtr_ytr
from rosenblatt.errors import UserError

READERS: tuple[ModuleType, ...] = (dna, xtr_ytr, digit_recognizer, matrices)


def sniff(folder: Path | str) -> tuple[ModuleType, str]:
    """Return the reader for a challenge folder, and the reason in words.

    Raises UserError: the folder is missing, a file, or holds no known edition.
    """
    folder = Path(folder)
    try:
        found = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        raise UserError(
            f"{folder}: no such folder; give the one with the challenge's CSV files."
        ) from None
    except NotADirectoryError:
        raise UserError(
            f"{folder}: is a file; give the folder that holds the challenge's files."
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{folder}: cannot be read ({reason}); allow reading it.") from error
    for reader in READERS:
        reason = reader.matches(folder)
        if reason:
            return reader, reason
    raise UserError(
        f"{folder}: holds no known challenge (found: {', '.join(found[:8]) or 'nothing'}); "
        "expected Xtr.csv, Ytr.csv and Xte.csv (or Xtr0.csv ...), or train.csv and test.csv."
    )


def load_challenge(folder: Path | str, missing_allowed: bool = False) -> Challenge:
    """Return the challenge in a folder, whichever edition it is.

    Missing values are an error unless allowed; then they are NaN.
    Raises UserError as sniff, and naming file, row, column and cure for whatever is wrong.
    """
    reader, _ = sniff(folder)
    return reader.read(Path(folder), missing_allowed)
