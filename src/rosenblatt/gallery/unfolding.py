"""Recurrent topologies, unfolded in time: from many to many, deep, both ways, to one, fed back."""

from typing import Any

from rosenblatt.gallery.runner import Settings
from rosenblatt.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Elman,
    Module,
    OutputFeedback,
    RepeatSteps,
    Stack,
)
from rosenblatt.report.style import BLUE, figure
from rosenblatt.visualise.unfold import draw, unfold

STEPS = 4


def topologies() -> dict[str, Module]:
    """Return a small network of each kind."""
    return {
        "many to many": Stack([Elman(2), Dense(2)]),
        "many to one": Stack([LSTM(2, "last"), Dense(2)]),
        "one to many": Stack([RepeatSteps(STEPS), GRU(2), Dense(2)]),
        "deep": Stack([GRU(2), GRU(2), Dense(2)]),
        "both directions": Stack([Bidirectional(GRU(2), GRU(2, reverse=True)), Dense(2)]),
        "output feedback": OutputFeedback(GRU(2, "state"), Dense(2), STEPS),
    }


def run(settings: Settings) -> dict[str, Any]:
    counts = {}
    with figure(settings.picture, 16, 12) as drawing:
        panels = drawing.subplots(2, 3).ravel()
        for axes, (name, network) in zip(panels, topologies().items(), strict=True):
            graph = unfold(network, STEPS)
            draw(graph, axes, BLUE)
            axes.set_title(name)
            counts[name] = {"nodes": len(graph.nodes), "arrows": len(graph.edges)}
    return {"steps": STEPS, "graphs": counts}
