"""A hand-in of one script that needs NumPy alone: what is in it, and the proof that it runs."""

import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.challenge.audit import check_scripts
from rosenblatt.challenge.new_rows import read_new_rows
from rosenblatt.challenge.package import SOLUTION, unpack
from rosenblatt.challenge.proof import closed_off
from rosenblatt.challenge.recipe import Final
from rosenblatt.challenge.settings import Handin, Settings
from rosenblatt.data.text import number
from rosenblatt.errors import UserError
from rosenblatt.export.script import export
from rosenblatt.export.twins.files import NEAR
from rosenblatt.lifeline import program_input
from rosenblatt.pipeline.model import load

MODEL = Path("submissions", "model")  # of the project: what `reproduce --keep` wrote
LIMIT = 10_000_000  # bytes
OUT = "made.csv"
# Runs a script where sitecustomize closes its author's folders: -S, which keeps all packages out,
# leaves it out too.
RUN = """
import json, runpy, sys
import sitecustomize
script, function, given, out = sys.argv[1:]
sys.argv = [script, given, "--out", out]
found = runpy.run_path(script, run_name="" if function else "__main__")
if function:
    json.dump(found[function](given), open(out, "w", encoding="utf-8"))
"""


def script_contents(project: Path, final: Final, names: Handin, place: Path) -> dict[str, Path]:
    """Return the files of a hand-in by their names in the zip; the script is written to `place`.

    Raises UserError where no model is kept, or it is of other data than the final submission.
    """
    path = project / MODEL
    if not path.exists():
        raise UserError(
            f'{path}: missing; rules = "numpy-only" packs the model as a script: keep it with '
            f"`reproduce --keep {MODEL.as_posix()}`."
        )
    model = load(path)
    if model.about["data"] != final.data:
        raise UserError(
            f"{path}: is of other data than the final submission; keep the final one with "
            f"`reproduce --keep {MODEL.as_posix()}`."
        )
    written = export(model, place / names.script, names.function)
    return {one.name: one for one in written} | {names.report: project / "report" / "report.pdf"}


def prove_script(path: Path, project: Path, data: Path, settings: Settings) -> float:
    """Run the script of a hand-in in an empty folder with NumPy alone; return the seconds it took.

    What it answers is compared with the final submission, and its imports with the course's rules.
    Nothing of its author's can be opened, as in challenge.proof. Raises UserError where it fails.
    """
    start, names = time.perf_counter(), settings.handin
    with tempfile.TemporaryDirectory(prefix="rosenblatt-proof-") as empty:
        place = Path(empty).resolve()
        unpack(path, place / "unpacked")
        folder = next((place / "unpacked").iterdir())
        shutil.copytree(data, place / "data", ignore=shutil.ignore_patterns(SOLUTION))
        wanted = _rows(project / "submissions" / "final.csv")
        own = closed_off(place, [project, data], fresh=True)
        if names.function:
            expected = load(project / MODEL).expected
            file = place / "data" / expected.files[0]
            said = _run(folder, names, file, own)
            ids = read_new_rows(file, expected).ids or [row[0] for row in wanted[1:]]
            answers = dict(zip(ids, json.loads((place / OUT).read_text("utf-8")), strict=True))
            found = [wanted[0], *(_row(name, answers[name]) for name, *_ in wanted[1:])]
        else:
            said = _run(folder, names, place / "data", own)
            found = _rows(place / OUT)
        _compare(found, wanted, said)
        banned = check_scripts(folder, settings.rules).findings
        if banned:
            raise UserError(f"the hand-in breaks the rules: {banned[0]}")
    return time.perf_counter() - start


def _run(folder: Path, names: Handin, given: Path, environment: dict[str, str]) -> str:
    """Run the script with NumPy alone, which writes OUT two folders above it; return what it says.

    Raises UserError where it ends in an error.
    """
    place = folder.parents[1]
    paths = [environment["PYTHONPATH"], str(_numpy_alone(place / "packages"))]
    command = [sys.executable, "-S", "-B", "-c", RUN, names.script, names.function]
    with program_input() as nothing:
        done = subprocess.run(
            [*command, str(given), str(place / OUT)],
            cwd=folder,
            env=environment | {"PYTHONPATH": os.pathsep.join(paths)},
            stdin=nothing,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UserError(f"the hand-in fails: {names.script} with NumPy alone: {said}")
    return done.stdout


def _numpy_alone(folder: Path) -> Path:
    """Return a folder of packages that holds NumPy and nothing else."""
    folder.mkdir()
    home = Path(np.__file__).parent
    for path in (home, home.with_name("numpy.libs")):
        if path.exists():
            try:
                (folder / path.name).symlink_to(path, target_is_directory=True)
            except OSError:  # Windows lets few people make links
                shutil.copytree(path, folder / path.name)
    return folder


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _row(name: str, answer: Any) -> list[str]:
    return [name, *map(str, answer if isinstance(answer, list) else [answer])]


def _compare(found: list[list[str]], wanted: list[list[str]], said: str) -> None:
    """Raise UserError where rows differ by more than NEAR, and were not said to be near ties."""
    (header, *rows), (own_header, *own_rows) = wanted, found
    if header != own_header or len(rows) != len(own_rows):
        raise UserError("the hand-in fails: its submission has not the form of the final one.")
    odd = [
        f"{row[0]}: {', '.join(own[1:])} and not {', '.join(row[1:])}"
        for row, own in zip(rows, own_rows, strict=True)
        if not all(map(_same, row, own)) and f"{header[0]} {row[0]}: " not in said
    ]
    if odd:
        raise UserError(
            f"the hand-in fails: {len(odd)} rows are not as in the final submission, such as "
            f"{odd[0]}; keep the model that wrote it: `reproduce --keep {MODEL.as_posix()}`."
        )


def _same(one: str, other: str) -> bool:
    first, second = number(one), number(other)
    if one == other or first is None or second is None:
        return one == other
    return math.isclose(first, second, rel_tol=NEAR, abs_tol=NEAR)
