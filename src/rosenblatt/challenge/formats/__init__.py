"""One small reader for each edition of a challenge, and the choice among them.

A reader is a module with the keys of challenge.toml that it reads, KEYS, and two functions of a
Folder:
`matches(folder) -> str | None`, the reason why the folder is of its edition, or None;
`read(folder, missing_allowed=False) -> Challenge`.
"""

import dataclasses
from pathlib import Path
from types import ModuleType

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.dependence import told_folds
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats import digit_recognizer, dna, graphs, matrices, tables, xtr_ytr
from rosenblatt.challenge.formats.quantities import check_metric
from rosenblatt.challenge.formats.roles import ENDINGS, find_roles
from rosenblatt.challenge.formats.samples import SAMPLE
from rosenblatt.challenge.settings import check_keys, folds_told, read_settings, settings_file
from rosenblatt.challenge.target import Classes
from rosenblatt.data.layout import read_layouts
from rosenblatt.errors import UserError
from rosenblatt.metrics import METRICS

READERS: tuple[ModuleType, ...] = (graphs, dna, xtr_ytr, digit_recognizer, matrices)


def sniff(folder: Path | str) -> tuple[ModuleType, str]:
    """Return the reader for a challenge folder (or zip archive), and the reason in words.

    Raises UserError: the folder is missing, a file, or holds no known edition.
    """
    return _sniff(Folder(folder))


def load_challenge(folder: Path | str, missing_allowed: bool = False) -> Challenge:
    """Return the challenge in a folder or a zip archive, whichever edition it is.

    Missing values are an error unless allowed; then they are NaN.
    Raises UserError as sniff, and naming file, row, column and cure for whatever is wrong.
    """
    files = Folder(folder)
    reader, reason = _sniff(files)
    check_keys(files.path, reader.KEYS, f"these files ({reason})")
    challenge = reader.read(files, missing_allowed)
    check_metric(files.path, challenge)
    folds, clip = folds_told(files.path) or challenge.folds, read_settings(files.path).clip
    if clip and isinstance(challenge.target, Classes):
        raise UserError(
            f"{settings_file(files.path)}: clip = {[*clip]} is of values, and classes are asked "
            "for; delete the line."
        )
    folds, why = (folds, ()) if folds else told_folds(challenge)
    challenge = dataclasses.replace(challenge, folds=folds, clip=clip)
    more = (*why, *_positive(challenge), *_unread(files, challenge))
    return dataclasses.replace(challenge, notes=(*challenge.notes, *more))


def _positive(challenge: Challenge) -> tuple[str, ...]:
    """Return which of two classes a metric counts as positive, where one of them counts so."""
    metric = METRICS.get(challenge.metric)
    if metric is None or not metric.two or not isinstance(challenge.target, Classes):
        return ()
    names = challenge.target.names
    if len(names) != 2:
        return ()
    told = f"{metric.title} counts class {names[1]!r} as positive, the second of two"
    turned = ", ".join(f'"{name}"' for name in reversed(names))
    return (f"{told}; for the other, write classes = [{turned}] in challenge.toml",)


def _unread(folder: Folder, challenge: Challenge) -> tuple[str, ...]:
    """Return the sentence that names the files of rows that tell nothing, if there are any."""
    known = {
        "solution.csv",
        Path(challenge.folds).name.lower(),
        *(name.lower() for name, _ in challenge.files),
    }
    unread = [
        name
        for name in sorted(folder.sources)
        if name.rpartition(".")[2] in ENDINGS and name not in known and not SAMPLE.fullmatch(name)
    ]
    more = f" and {len(unread) - 5} more" if len(unread) > 5 else ""
    return (f"not read: {', '.join(unread[:5])}{more}",) if unread else ()


def _sniff(folder: Folder) -> tuple[ModuleType, str]:
    reasons = [(reader, reason) for reader in READERS if (reason := reader.matches(folder))]
    if len(reasons) > 1 and digit_recognizer in dict(reasons):
        raise UserError(
            f"{folder.path}: holds two challenges: {reasons[0][1]}, and "
            f"{dict(reasons)[digit_recognizer]}; remove the files of one."
        )
    reason = "" if reasons else tables.matches(folder)
    if reason:
        return tables, reason
    if reasons:
        return reasons[0]
    roles = find_roles(folder)
    if roles is not None:  # why none knows them, their first rows may tell
        read_layouts((roles.train, roles.test), read_settings(folder.path).header)
    found = sorted(sources[0].name for sources in folder.sources.values())
    raise UserError(
        f"{folder.path}: holds no known challenge (found: {', '.join(found[:8]) or 'nothing'}); "
        "expected Xtr.csv, Ytr.csv and Xte.csv (or Xtr0.csv ...), or train.csv and test.csv."
    )
