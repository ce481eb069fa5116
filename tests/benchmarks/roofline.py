"""The tables and the roofline figure of report/engine.md, from the rows that `bench` wrote.

    python -m tests.benchmarks.roofline

reads report/results/bench-PART*.json, of one processor or several, startup.json and
tile-shapes.json, draws report/engine-roofline.svg and writes the tables between the marks in
report/engine.md, one for each processor. A point of the figure is a layer's rate over its
intensity, the operations of the textbook a byte that must move (inputs, weights and outputs once
each); the roof is the lower of memory's and the arithmetic's limits (Williams et al. 2009). Layers
that do fewer operations than the textbook (Winograd's, and below a maximum) may stand above it: a
ring, below it, then tells the rate of what is executed (counting.py).
"""

import json
import re
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from tests.benchmarks import counting, engine_tables, race

REPORT = race.ROOT / "report"
RESULTS = REPORT / "results"
PARTS = ("scaling", "layers", "gemm", "growth")
MARKERS = {"forward": "o", "weights": "s", "input": "^", "product": "D"}
COLOURS = {"ours": "#1b6ca8", "torch": "#d1495b", "numpy": "#8d99ae"}
Row = dict[str, Any]


def read() -> list[Row]:
    """Return the rows of the files of `bench`."""
    files = [file for part in PARTS for file in sorted(RESULTS.glob(f"bench-{part}*.json"))]
    return [row for file in files for row in json.loads(file.read_text())]


def by_cpu(rows: list[Row]) -> dict[str, list[Row]]:
    """Return the rows of each processor."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["cpu"], []).append(row)
    return found


def moved(subject: str) -> float:
    """Return the bytes of the arrays of a subject, each counted once."""
    kind, shape, rest = subject.split()
    sides = [int(side) for side in shape.split("x")]
    if kind == "gemm":
        M, N, K = sides
        return 4.0 * (M * K + K * N + M * N)
    (N, H, C), (K, F) = sides, [int(number) for number in rest.split("x")]
    pixels = ((H - K + 1) // 2) ** 2 if kind == "pooled" else H * H
    return 4.0 * (N * (H * H * C + pixels * F) + K * K * C * F)


def draw(machines: dict[str, list[Row]]) -> None:
    """Draw the layers under the roofs of the machines that they ran on."""
    mpl.rcParams["svg.hashsalt"] = "roofline"  # the same figure gives the same bytes
    figure = Figure(figsize=(8, 4.8 * len(machines)), layout="constrained")
    panels = figure.subplots(len(machines), squeeze=False)[:, 0]
    for axes, (name, rows) in zip(panels, machines.items(), strict=True):
        _draw_machine(axes, name, rows)
    figure.savefig(REPORT / "engine-roofline.svg", metadata={"Date": None})


def _draw_machine(axes: Any, name: str, rows: list[Row]) -> None:
    threads = rows[0]["threads"]
    roof, speed = (max(row[name] for row in rows) for name in ("peak", "bandwidth"))
    x = np.geomspace(1, 1000, 200)
    axes.plot(x, np.minimum(roof, speed * x), color="black", linewidth=1)
    axes.text(990, roof * 1.04, f"peak {roof:.0f} GFLOP/s", fontsize=8, ha="right")
    axes.text(1.5, speed * 1.5 * 1.6, f"memory {speed:.0f} GB/s", fontsize=8, rotation=38)
    above = "above the roof: fewer operations than\nthe textbook's (Winograd; below a maximum)"
    axes.text(
        0.1, 0.95, above, fontsize=8, color=COLOURS["ours"], va="top", transform=axes.transAxes
    )
    for row in rows:
        work = counting.of_single(row["net"], row["mode"])
        intensity = work.textbook / moved(row["net"])
        if work.executed < work.textbook:
            rate = row["ours"] * work.executed / work.textbook
            axes.plot(intensity, rate, "o", color="none", markersize=4,
                      markeredgecolor=COLOURS["ours"], alpha=0.6)  # fmt: skip
        for library, rate in ((row["rival_name"], row["rival"]), ("ours", row["ours"])):
            axes.plot(
                intensity, rate, MARKERS[row["mode"]], color=COLOURS[library], markersize=6,
                alpha=0.8, markeredgecolor="white",
            )  # fmt: skip
    for mode in dict.fromkeys(row["mode"] for row in rows):
        axes.plot([], [], MARKERS[mode], color="grey", label=mode)
    for library in dict.fromkeys(["ours", *(row["rival_name"] for row in rows)]):
        axes.plot([], [], "o", color=COLOURS[library], label=library)
    axes.plot([], [], "o", color="none", markeredgecolor=COLOURS["ours"], markersize=4,
              label="ours, of executed")  # fmt: skip
    axes.set(
        xscale="log", yscale="log", xlabel="operations of the textbook per byte moved",
        ylabel="GFLOP/s", title=f"{name}, {threads} thread{'s' * (threads > 1)}",
    )  # fmt: skip
    axes.legend(fontsize=8, ncols=2, loc="lower right")
    axes.grid(alpha=0.3, which="both")


def main() -> None:
    """Draw the figure and renew the page's tables."""
    rows = read()
    part = {name: by_cpu([row for row in rows if row["part"] == name]) for name in PARTS}
    draw(part["layers"])
    starts = json.loads((RESULTS / "startup.json").read_text())
    tiles = RESULTS / "tile-shapes.json"
    machines = {
        "nets": (engine_tables.of_nets, part["scaling"]),
        "layers": (engine_tables.of_layers, part["layers"]),
        "growth": (engine_tables.of_growth, part["growth"]),
        "memory": (engine_tables.of_memory, part["growth"]),
        "products": (engine_tables.of_products, part["gemm"]),
        "starts": (engine_tables.of_starts, by_cpu(starts)),
        "tiles": (engine_tables.of_tiles, json.loads(tiles.read_text())),
    }
    page = REPORT / "engine.md"
    text = page.read_text()
    for name, (made, of_machine) in machines.items():
        content = "\n\n".join(f"{cpu}:\n\n{made(found)}" for cpu, found in of_machine.items())
        marks = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(
            marks, lambda found, c=content: f"{found[1]}{c}\n{found[2]}", text, flags=re.S
        )
    page.write_text(text)


if __name__ == "__main__":
    main()
