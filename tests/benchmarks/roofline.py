"""The tables and the roofline figure of report/engine.md, from the rows that `bench` wrote.

    python -m tests.benchmarks.roofline

reads report/results/bench-PART.json and startup.json, draws report/engine-roofline.svg and writes
the tables between the marks in report/engine.md. A point of the figure is a layer's rate over its
intensity, the operations of the textbook a byte that must move
(inputs, weights and outputs once each); the roof is the lower of memory's and the arithmetic's
limits (Williams et al. 2009). Layers that do fewer operations than the textbook (Winograd's, and
below a maximum) may stand above it.
"""

import json
import re
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from tests.benchmarks import race, single

REPORT = race.ROOT / "report"
STARTS = REPORT / "results" / "startup.json"
PARTS = ("scaling", "layers", "gemm", "growth")
MARKERS = {"forward": "o", "weights": "s", "input": "^", "product": "D"}
COLOURS = {"ours": "#1b6ca8", "torch": "#d1495b", "numpy": "#8d99ae"}
TARGETS = {
    "train": {"A": 4, "B": 1.5, "C": 1.5, "D": 1.3, "E": 1.2, "F": 2, "G": 1.3, "H": 1.3, "I": 1.3},
    "infer": {"A": 3, "B": 1.5, "C": 1.3, "D": 1.2},
}

Row = dict[str, Any]


def read() -> list[Row]:
    """Return the rows of the files of `bench`, one file a part."""
    files = [REPORT / "results" / f"bench-{part}.json" for part in PARTS]
    return [row for file in files for row in json.loads(file.read_text())]


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


def draw(rows: list[Row]) -> None:
    """Draw the layers under the roof of the machine that they ran on."""
    threads = rows[0]["threads"]
    roof, speed = (max(row[name] for row in rows) for name in ("peak", "bandwidth"))
    mpl.rcParams["svg.hashsalt"] = "roofline"  # the same figure gives the same bytes
    figure = Figure(figsize=(8, 4.8), layout="constrained")
    axes = figure.add_subplot()
    x = np.geomspace(1, 1000, 200)
    axes.plot(x, np.minimum(roof, speed * x), color="black", linewidth=1)
    axes.text(990, roof * 1.04, f"peak {roof:.0f} GFLOP/s", fontsize=8, ha="right")
    axes.text(1.5, speed * 1.5 * 1.6, f"memory {speed:.0f} GB/s", fontsize=8, rotation=38)
    above = "above the roof: fewer operations than\nthe textbook's (Winograd; below a maximum)"
    axes.text(1.5, roof * 1.9, above, fontsize=8, color=COLOURS["ours"])
    for row in rows:
        intensity = single.flops(row["net"]) / moved(row["net"])
        for name, rate in ((row["rival_name"], row["rival"]), ("ours", row["ours"])):
            axes.plot(
                intensity, rate, MARKERS[row["mode"]], color=COLOURS[name], markersize=6,
                alpha=0.8, markeredgecolor="white",
            )  # fmt: skip
    for mode in dict.fromkeys(row["mode"] for row in rows):
        axes.plot([], [], MARKERS[mode], color="grey", label=mode)
    for name in dict.fromkeys(["ours", *(row["rival_name"] for row in rows)]):
        axes.plot([], [], "o", color=COLOURS[name], label=name)
    axes.set(
        xscale="log", yscale="log", xlabel="operations of the textbook per byte moved",
        ylabel="GFLOP/s", title=f"{rows[0]['cpu']}, {threads} thread{'s' * (threads > 1)}",
    )  # fmt: skip
    axes.legend(fontsize=8, ncols=2, loc="lower right")
    axes.grid(alpha=0.3, which="both")
    figure.savefig(REPORT / "engine-roofline.svg", metadata={"Date": None})


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def of_nets(rows: list[Row]) -> str:
    """Return the race of whole networks, beside the ratio to PyTorch that was wanted."""
    races: dict[tuple, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: (row["mode"] != "train", row["net"], row["threads"])):
        races.setdefault((row["net"], row["mode"], row["threads"]), {})[row["rival_name"]] = row
    lines = []
    for (net, mode, threads), rivals in races.items():
        torch, target = rivals["torch"], TARGETS[mode].get(net)
        lines.append([
            net, mode, str(threads), f"{torch['ours']:,.0f}",
            f"{torch['rival']:,.0f} {torch['variant']}", f"**{torch['ratio']:.2f}**",
            f"{target:g}" if target else "", f"{torch['gflops']:.0f}",
            f"{torch['peak_share']:.0%}", f"{torch['peak_share'] / torch['ratio']:.0%}",
            f"{rivals['jax']['ratio']:.2f}" if "jax" in rivals else "",
        ])  # fmt: skip
    return table(["net", "mode", "threads", "ours", "PyTorch's best", "ratio", "wanted", "GFLOP/s",
                  "of peak", "PyTorch's", "ratio to JAX"], lines)  # fmt: skip


def of_products(rows: list[Row]) -> str:
    """Return the products, in GFLOP/s, with one thread and with more."""
    counts = sorted({row["threads"] for row in rows})
    products: dict[str, dict[int, Row]] = {}
    for row in rows:
        products.setdefault(row["net"].removeprefix("gemm "), {})[row["threads"]] = row
    heads = [f"{name}, {n}" for n in counts for name in ("ours", "NumPy", "ratio")]
    lines = [
        [name, *(cell for row in map(found.__getitem__, counts)
                 for cell in (f"{row['ours']:.0f}", f"{row['rival']:.0f}", f"{row['ratio']:.2f}"))]
        for name, found in products.items()
    ]  # fmt: skip
    return table(["product M x N x K, threads:", *heads], lines)


def of_layers(rows: list[Row]) -> str:
    """Return single layers, in GFLOP/s."""
    lines = [
        [row["net"], row["mode"], f"{row['ours']:.0f}", f"{row['rival']:.0f}",
         f"{row['rival_name']} {row['variant']}", f"{row['ratio']:.2f}",
         f"{row['peak_share']:.0%}"]
        for row in rows
    ]  # fmt: skip
    return table(["layer", "mode", "ours", "rival", "its best", "ratio", "of peak"], lines)


def of_starts() -> str:
    """Return the seconds before training."""
    rows = json.loads(STARTS.read_text())
    lines = [[row["what"], f"{row['wall']:.1f}", f"{row['processor']:.1f}"] for row in rows]
    return table(["program", "seconds", "of the processor"], lines)


def main() -> None:
    """Draw the figure and renew the page's tables."""
    rows = read()
    part = {name: [row for row in rows if row["part"] == name] for name in PARTS}
    draw(part["layers"])
    tables = {
        "nets": of_nets(part["scaling"]),
        "layers": of_layers(part["layers"]),
        "growth": of_layers(part["growth"]),
        "products": of_products(part["gemm"]),
        "starts": of_starts(),
    }
    page = REPORT / "engine.md"
    text = page.read_text()
    for name, content in tables.items():
        marks = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(
            marks, lambda found, c=content: f"{found[1]}{c}\n{found[2]}", text, flags=re.S
        )
    page.write_text(text)


if __name__ == "__main__":
    main()
