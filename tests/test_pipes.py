"""A pipe or an endless device where a file belongs is refused at once, by whatever reads it."""

import os
import resource
import signal
from pathlib import Path

import pytest

from rosenblatt.challenge import check_submission, ledger, load_challenge
from rosenblatt.challenge.board import grade
from rosenblatt.challenge.recipe import read_recipe
from rosenblatt.challenge.search import read_ranges
from rosenblatt.data.archive import read_archive
from rosenblatt.data.corpus import read_text
from rosenblatt.detection.reading import read_photographs
from rosenblatt.errors import UserError
from rosenblatt.gallery.characters import trained
from rosenblatt.metrics import METRICS
from rosenblatt.report import gallery_table, markdown, results
from rosenblatt.report.evidence import load_evidence
from rosenblatt.train import Network
from rosenblatt.train.checkpoint import Checkpoint
from rosenblatt.train.fit_results import Results
from tests.challenge.folders import kaggle, pixels, small_course

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")


def course(file: Path) -> None:
    load_challenge(file.parent)


def submission(file: Path) -> None:
    folder = small_course(file.parent / "data")
    check_submission(file, load_challenge(folder))


def training(file: Path) -> None:
    Checkpoint(file, "key").on_start(None, None)


READERS = {
    "n.npz": Network.load,
    "a.npz": read_archive,
    "e.npz": load_evidence,
    "m.npz": trained,
    "t.part.npz": training,
    "k.npz": lambda file: Results(file.parent).find("k"),
    "p.npz": read_photographs,
    "text.md": lambda file: markdown.read_text(file, {}, []),
    "text.txt": read_text,
    "ledger.csv": ledger.read,
    "recipe.toml": read_recipe,
    "ranges.toml": read_ranges,
    "mine.csv": submission,
    "solution.csv": lambda file: grade(file, file, METRICS["accuracy"]),
    "memory.json": lambda file: gallery_table.table(file.parent),
    "digits.json": lambda file: results.read_results(file.parent),
    "Xtr.csv": course,
    "Ytr.csv": course,
    "Xte.csv": course,
    "challenge.toml": course,
    "train.csv": course,
    "test.csv": course,
    "sample_submission.csv": course,
}


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize("name", READERS)
def test_it_is_refused(tmp_path, name, kind):
    if name in ("Xtr.csv", "Ytr.csv", "Xte.csv", "challenge.toml"):
        small_course(tmp_path / "made")
    elif READERS[name] is course:
        kaggle(tmp_path / "made", pixels(4, 784), [0, 1, 0, 1], pixels(2, 784))
    else:
        (tmp_path / "made").mkdir()
    file = tmp_path / "made" / name
    file.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")
    before = signal.signal(signal.SIGALRM, _late)
    memory = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), memory[1]))
    signal.setitimer(signal.ITIMER_REAL, 20)
    try:
        with pytest.raises(UserError, match=name):
            READERS[name](file)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, memory)


class _LateError(BaseException):
    """It hangs."""


def _late(number: int, frame: object) -> None:
    raise _LateError
