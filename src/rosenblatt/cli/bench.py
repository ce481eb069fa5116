"""`bench`: how fast the engine is, beside PyTorch, JAX and NumPy."""

import argparse
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

from rosenblatt.cli.output import Output, add_json_option
from rosenblatt.cli.workers import whole
from rosenblatt.errors import UserError

PROJECT = Path(__file__).parents[3]


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `bench`."""
    parser = subparsers.add_parser(
        "bench",
        help="race the engine against PyTorch and JAX",
        description="Train and run networks in turn with other libraries, each in its own "
        "process, and print the medians. `ours` and `rival` are samples a second (steps, of the "
        "sequences E, F and I), of single products and layers GFLOP/s, of memory the MB that "
        "training takes. GFLOP/s count all multiplications of the textbook, so their share of the "
        "peak may exceed 100 %; `done` is the share by what is executed.",
        epilog="example: %(prog)s --nets B,C --rivals torch --json bench.json",
    )
    parser.add_argument(
        "--nets",
        metavar="A,B,...",
        default="A,B,C,D,E,F,G,H,I",
        help="networks (default: all nine)",
    )
    parser.add_argument(
        "--rivals", metavar="torch,jax", default="", help="libraries to race (default: none)"
    )
    parser.add_argument(
        "--parts", metavar="nets,...", default="nets",
        help="of nets, gemm, layers, scaling, growth (default: nets)",
    )  # fmt: skip
    parser.add_argument(
        "--threads", metavar="N", type=whole(1, 1024), default=os.cpu_count() or 1,
        help="threads of each contender (default: all)",
    )  # fmt: skip
    add_json_option(parser)
    parser.set_defaults(run=bench)


def _suite() -> ModuleType:
    sys.path.insert(0, str(PROJECT))
    try:
        return importlib.import_module("tests.benchmarks.suite")
    except ModuleNotFoundError as error:
        raise UserError(f"the benchmarks come with the sources, and {error}") from None


def _chosen(text: str, known: tuple[str, ...], what: str) -> list[str]:
    chosen = [name for name in text.split(",") if name]
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise UserError(f"unknown {what} {unknown[0]!r}; known are {', '.join(known)}")
    return chosen


def bench(arguments: argparse.Namespace) -> int:
    """Print a row as soon as it is measured, then write all of them as JSON; return 0."""
    suite = _suite()
    rivals = _chosen(arguments.rivals, ("torch", "jax"), "rival")
    for rival in suite.race.missing(rivals):
        raise UserError(f"{rival} is not installed here; it is in the dependency group `rivals`")
    parts = _chosen(arguments.parts, suite.PARTS, "part")
    nets = _chosen(arguments.nets, tuple(suite.NETS), "net")
    output, rows = Output(arguments.json), []
    form = "{:22} {:8} {:>7} {:>11} {:>11}  {:20} {:>6} {:>8} {:>6} {:>5}"
    output.say(form.format(
        "net", "mode", "threads", "ours", "rival", "", "ratio", "GFLOP/s", "peak", "done"
    ))  # fmt: skip
    for row in suite.run(parts, nets, rivals, arguments.threads):
        rows.append(row)
        rival = f"{row['rival_name']} {row['variant']}".removesuffix(" -")
        rates = ["", "", ""]
        if "gflops" in row:
            shares = row["peak_share"], row["executed_peak_share"]
            rates = [f"{row['gflops']:.0f}", *(f"{share:.0%}" for share in shares)]
        output.say(form.format(
            row["net"], row["mode"], row["threads"], f"{row['ours']:,.0f}",
            f"{row['rival']:,.0f}", rival, f"{row['ratio']:.2f}", *rates,
        ))  # fmt: skip
    if rows:
        output.say(f"{rows[0]['cpu']}; peak of multiply-adds alone {rows[0]['peak']:.0f} GFLOP/s")
    output.figures(rows)
    return 0
