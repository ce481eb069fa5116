"""`package`: the zip to hand in, proven in an empty folder."""

import argparse
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, add_json_option, output_file
from rosenblatt.cli.project import final_file
from rosenblatt.cli.report import open_questions
from rosenblatt.cli.targets import target
from rosenblatt.errors import UserError

if TYPE_CHECKING:
    from rosenblatt.challenge.recipe import Final

Handed = tuple[dict[str, Path], int, Callable[[Path], float]]


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `package`."""
    parser = subparsers.add_parser(
        "package",
        help="make the zip to hand in, and prove that it runs",
        description="Make the report and a zip of the sources, lock file, final recipe and "
        "submission, report and start script, the same bytes each time. Then unpack it in an empty "
        "folder, reproduce the submission there in a fresh environment, and audit it. Where "
        'challenge.toml says rules = "numpy-only", the zip holds the model that `reproduce --keep '
        "submissions/model` kept, as one script, and the report; NumPy alone proves it.",
        epilog="example: %(prog)s --with-data",
    )
    parser.add_argument(
        "--with-data",
        action="store_true",
        help="include the challenge folder, without its solution",
    )
    parser.add_argument(
        "--here", action="store_true", help="prove it in the present environment: no network needed"
    )
    parser.add_argument(
        "--out", metavar="ZIP", type=output_file, help="(default: dist/ and the team's names)"
    )
    add_json_option(parser)
    parser.set_defaults(run=package)


def package(arguments: argparse.Namespace) -> int:
    """Make the report and the zip, prove it, and return 0."""
    import hashlib

    from rosenblatt.challenge.package import check_final, check_paths, pack
    from rosenblatt.challenge.recipe import read_final, read_recipe
    from rosenblatt.challenge.settings import read_settings
    from rosenblatt.files import write_atomic
    from rosenblatt.report.evidence import load_evidence
    from rosenblatt.report.pdf import build_report

    output = Output(arguments.json)
    recipe, final = read_recipe(final_file(arguments)), read_final(final_file(arguments))
    check_final(arguments.project, final)
    data, report = arguments.project / final.challenge, arguments.project / "report"
    made = build_report(report, load(output, data), recipe, load_evidence(report / "evidence.npz"))
    if made.questions:
        raise UserError(f"{report / 'text.md'}: {open_questions(made.questions)}; then package.")
    name = re.sub(r"\W+", "-", "-".join(made.team).lower()).strip("-") or "team"
    out = target(arguments, arguments.project / "dist" / f"{name}.zip")
    kind = _scripts if read_settings(data).rules == "numpy-only" else _sources
    with tempfile.TemporaryDirectory() as folder:
        files, limit, prove = kind(arguments, data, final, Path(folder))
        check_paths(files)
        draft = Path(folder) / "draft.zip"
        size = pack(draft, name, files)
        if size > limit and not arguments.with_data:
            raise _too_large(out, size, limit, files)
        output.say(
            f"{len(files)} files, {size / 1000:,.0f} kB; proving them in an empty folder ..."
        )
        seconds = prove(draft)
        content = draft.read_bytes()
    write_atomic(out, content)  # a zip that stands there was proven
    output.say(f"{out}: proven in {seconds:.0f} s: the same submission, and the audit passed")
    digest = hashlib.sha256(content).hexdigest()
    figures = {"file": str(out), "bytes": size, "digest": digest, "seconds": round(seconds, 1)}
    output.figures(figures)
    return 0


def _too_large(out: Path, size: int, limit: int, files: dict[str, Path]) -> UserError:
    largest = max(files, key=lambda name: files[name].stat().st_size)
    return UserError(
        f"{out}: is {size:,} bytes, over the {limit:,} that are allowed; the largest file is "
        f"{largest}: make it smaller."
    )


def _sources(arguments: argparse.Namespace, data: Path, final: "Final", place: Path) -> Handed:
    """Return the files of a hand-in of sources, the bytes it may have, and what proves it."""
    from rosenblatt.challenge.package import LIMIT, contents
    from rosenblatt.challenge.proof import prove
    from rosenblatt.challenge.settings import read_settings, settings_file

    if "handin" in read_settings(data).told:
        raise UserError(
            f"{settings_file(data)}: [handin] names the files of a hand-in of one script; write "
            'rules = "numpy-only" beside it, or delete it.'
        )
    files = contents(arguments.project, data if arguments.with_data else None)
    fresh = not arguments.here
    return files, LIMIT, lambda path: prove(path, arguments.project, data, final, fresh)


def _scripts(arguments: argparse.Namespace, data: Path, final: "Final", place: Path) -> Handed:
    """Return the same of a hand-in of one script, as rules = "numpy-only" wants it."""
    from rosenblatt.challenge.package import data_files
    from rosenblatt.challenge.settings import read_settings
    from rosenblatt.export.handin import LIMIT, prove_script, script_contents

    settings = read_settings(data)
    files = script_contents(arguments.project, final, settings.handin, place)
    if arguments.with_data:
        files |= data_files(arguments.project, data)
    return files, LIMIT, lambda path: prove_script(path, arguments.project, data, settings)
