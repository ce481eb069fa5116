"""Which files of a folder hold training rows, their labels and test rows, under any usual name."""

import re
from dataclasses import dataclass

from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.samples import SAMPLE
from rosenblatt.data.source import Source
from rosenblatt.errors import UserError

ENDINGS = ("csv", "tsv", "txt", "data", "dat", "tab", "train", "test")
TRAIN = {"train", "training", "trn", "tr", "xtr", "ytr", "xtrain", "ytrain", "learn"}
TEST = {"test", "testing", "tst", "te", "xte", "yte", "xtest", "ytest", "unlabeled", "unlabelled"}
ASIDE = {"dev", "val", "valid", "validation", "holdout", "solution", "description", "submission"}
LABELS = {"y", "ytr", "ytrain", "yte", "ytest", "label", "labels", "target", "targets", "answers"}
SET = re.compile(r"[XY]t[re][0-9]", re.IGNORECASE)  # one of several, which are no tables
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


@dataclass(frozen=True)
class Roles:
    """train, test: rows of features; labels: of the training rows, where they stand alone."""

    train: Source
    test: Source
    labels: Source | None


def find_roles(folder: Folder) -> Roles | None:
    """Return the files of a folder by the words in their names; None where two are not there.

    Without a test file, a validation file is one; without a training file, one named `.data`.
    Raises UserError where two files may be one.
    """
    found: dict[str, list[Source]] = {}
    for name in sorted(folder.sources):
        source = folder.sources[name][0]
        found.setdefault(_role(source.name), []).append(source)
    train = _one(folder, found.get("train") or found.get("data", []), "training rows")
    test = _one(folder, found.get("test") or found.get("dev", []), "test rows")
    labels = _one(folder, found.get("labels", []), "training labels")
    if train is None or test is None:
        return None
    return Roles(train, test, labels)


def _role(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    if ending not in ENDINGS or SAMPLE.fullmatch(name) or SET.match(name):
        return "none"
    words = {word.lower() for word in WORD.findall(name)}
    if words & ASIDE:
        return (
            "dev" if words & ASIDE <= {"dev", "val", "valid", "validation", "holdout"} else "none"
        )
    if words & TRAIN and words & TEST:
        return "none"
    if words & TRAIN:
        return "labels" if words & LABELS else "train"
    if words & TEST:
        return "none" if words & LABELS else "test"
    if words & LABELS:
        return "labels"
    return "data" if ending == "data" else "none"


def _one(folder: Folder, sources: list[Source], what: str) -> Source | None:
    if len(sources) > 1:
        listed = " and ".join(source.name for source in sources[:3])
        raise UserError(
            f"{folder.path}: {listed} may all hold the {what}; leave the right one there, and put "
            "the others elsewhere."
        )
    return folder.find(sources[0].name) if sources else None
