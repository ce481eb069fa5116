"""The tables of report/engine.md, from the rows that `bench` and its like wrote."""

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.nets import find

NETS = "ABCDEFGHI"
TARGETS = {
    "train": dict(zip(NETS, (4, 1.8, 2, 1.3, 1.2, 2, 1.3, 1.3, 1.3), strict=True)),
    "infer": dict(zip(NETS, (3, 1.8, 2.2, 1.2, 1.15, 1.5, 1.3, 1.3, 1.3), strict=True)),
}
MICRO, PICO = "µs a sample", "ps an operation"
AXES = {"batch": MICRO, "side": PICO, "width": PICO, "threads": MICRO}

Row = dict[str, Any]


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _executed(row: Row) -> str:
    """Return the share of the peak by what is executed; older rows do not tell."""
    share = row.get("executed_peak_share")
    return f"{share:.0%}" if share else ""


def of_nets(rows: list[Row]) -> str:
    """Return the race of whole networks, beside the ratio to PyTorch that was wanted."""
    races: dict[tuple, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: (row["mode"] != "train", row["net"], row["threads"])):
        races.setdefault((row["net"], row["mode"], row["threads"]), {})[row["rival_name"]] = row
    lines = []
    for (net, mode, threads), rivals in races.items():
        torch, target = rivals["torch"], TARGETS[mode][net]
        lines.append([
            net, mode, str(threads), f"{torch['ours']:,.0f}",
            f"{torch['rival']:,.0f} {torch['variant']}", f"**{torch['ratio']:.2f}**",
            f"{target:g}", f"{torch['gflops']:.0f}",
            f"{torch['peak_share']:.0%}", _executed(torch),
            f"{torch['peak_share'] / torch['ratio']:.0%}",
            f"{rivals['jax']['ratio']:.2f}" if "jax" in rivals else "",
        ])  # fmt: skip
    return table(["net", "mode", "threads", "ours", "PyTorch's best", "ratio", "wanted", "GFLOP/s",
                  "of peak", "executed", "PyTorch's", "ratio to JAX"], lines)  # fmt: skip


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
         f"{row['peak_share']:.0%}", _executed(row)]
        for row in rows
    ]  # fmt: skip
    return table(
        ["layer", "mode", "ours", "rival", "its best", "ratio", "of peak", "executed"], lines
    )


def _changes(row: Row) -> dict[str, float]:
    """Return what differs from the usual net: batch, side, width or threads, and its value."""
    pairs = (change.partition("=") for change in row["net"].split()[1:])
    return {key: float(value) for key, _, value in pairs}


def _series(rows: list[Row]) -> Iterator[tuple[str, list[tuple[float, Row]]]]:
    """Yield each axis along which one net grew, with its values and their rows in order."""
    usual = rows[0]  # the net itself, with the threads of all that follow
    net = find(usual["net"])
    for axis, value in (("batch", net.batch), ("side", net.side), ("width", 1)):
        grown = [(_changes(row)[axis], row) for row in rows if axis in _changes(row)]
        yield axis, sorted([(value, usual), *grown], key=lambda pair: pair[0])
    plain = {row["threads"]: row for row in rows if row["net"] == usual["net"]}
    yield "threads", sorted(plain.items())


def _times(rows: list[Row], unit: str) -> list[list[float]]:
    """Return ours and the rival's microseconds a sample, or picoseconds an operation."""
    ours = [1e6 / row["ours"] if unit == MICRO else 1e3 / row["gflops"] for row in rows]
    return [ours, [time * row["ratio"] for time, row in zip(ours, rows, strict=True)]]


def rise(times: list[float]) -> float:
    """Return by how much a time lies above the least before it, at the most; 0 if all fall."""
    return max([0.0, *(t / min(times[:n]) - 1 for n, t in enumerate(times) if n)])


def of_growth(rows: list[Row]) -> str:
    """Return how the time of a training step changes as the net grows, a line an axis."""
    nets: dict[str, list[Row]] = {}
    for row in rows:
        if row["mode"] == "train" and row["rival_name"] in ("torch", "ours"):
            nets.setdefault(row["net"].split()[0], []).append(row)
    lines = []
    for net, of_net in nets.items():
        for axis, series in _series(of_net):
            values, grown = zip(*series, strict=True)
            ours, theirs = _times(list(grown), AXES[axis])
            ratios = [row["ratio"] for row in grown]
            lines.append([
                net, axis, ", ".join(f"{value:g}" for value in values), AXES[axis],
                ", ".join(f"{t:.3g}" for t in ours), ", ".join(f"{t:.3g}" for t in theirs),
                f"{min(ratios):.2f} to {max(ratios):.2f}",
                f"{rise(ours):.0%}", f"{rise(theirs):.0%}",
            ])  # fmt: skip
    return table(["net", "what grows", "to", "figure", "ours", "PyTorch's", "ratio",
                  "our rise", "PyTorch's"], lines)  # fmt: skip


def of_memory(rows: list[Row]) -> str:
    """Return the memory that training takes."""
    lines = [
        [row["net"], f"{row['ours']:,.1f}", f"{row['rival']:,.1f} {row['variant']}",
         f"**{1 / row['ratio']:.2f}**", "1" if row["net"] in "CG" else ""]
        for row in rows if row["mode"] == "memory" and row["rival_name"] == "torch"
    ]  # fmt: skip
    return table(["net", "ours, MB", "PyTorch's least", "ours by it", "wanted, at most"], lines)


def of_tiles(rows: list[Row]) -> str:
    """Return the shapes of the register tile, the fastest first."""
    lines = [
        [f"{row['rows']} x {row['vectors']}", str(row["lanes"]), f"{row['gflops']:.0f}",
         f"{row['peak_share']:.0%}", "yes" if row["used"] else ""]
        for row in rows
    ]  # fmt: skip
    return table(["rows x vectors", "lanes", "GFLOP/s", "of peak", "in use"], lines)


def of_starts(rows: list[Row]) -> str:
    """Return the seconds before training."""
    lines = [[row["what"], f"{row['wall']:.1f}", f"{row['processor']:.1f}"] for row in rows]
    return table(["program", "seconds", "of the processor"], lines)
