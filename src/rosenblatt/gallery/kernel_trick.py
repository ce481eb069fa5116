"""The kernel trick, seen: weights on samples, the Gaussian's width, kernel PCA of two rings.

No line parts two rings, one within the other. A support vector machine with a Gaussian kernel does:
its answer is a sum of bumps, one on each sample that counts, high as that sample's weight (the
representer theorem). Narrow bumps learn the samples by heart, wide ones see none of the ring. The
principal components of the same kernel (Schoelkopf, Smola & Mueller 1998) find the radius without
being told of rings: along the third a plane does part them.
"""

from typing import Any

import numpy as np

from rosenblatt.classic import SVM, KernelPCA, LinearSVM
from rosenblatt.gallery.runner import SEED, Settings, in_words
from rosenblatt.report.style import BLUE, GREY, ORANGE, figure

SHOWN = {"narrow": 300.0, "good": 1.0, "wide": 0.003}  # gammas of e^(-gamma |x - x'|^2)
GAMMAS = 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0
RADII, NOISE, REACH = (0.5, 1.0), 0.13, 1.5


def rings(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points on two rings, blurred, [N, 2] float32, and which ring each is of."""
    labels = np.arange(count) % 2
    directions = rng.random((count, 12, 2)).sum(1) - 6  # normal enough
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    radii = np.array(RADII)[labels] + NOISE * (rng.random((count, 12)).sum(1) - 6)
    return (radii[:, None] * directions).astype(np.float32), labels


def run(settings: Settings) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    x, labels = rings(60 if settings.quick else 120, rng)
    new, truth = rings(300 if settings.quick else 2000, rng)
    machines = {gamma: SVM(gamma=gamma, cost=10.0).fit(x, labels)
                for gamma in sorted({*GAMMAS, *SHOWN.values()})}  # fmt: skip
    scores = {gamma: (machine.score(x, labels), machine.score(new, truth))
              for gamma, machine in machines.items()}  # fmt: skip
    widths = {
        name: {"gamma": gamma, "training": round(scores[gamma][0], 4),
               "new": round(scores[gamma][1], 4), "samples_kept": len(machines[gamma].support_)}
        for name, gamma in SHOWN.items()
    }  # fmt: skip
    components = KernelPCA(gamma=SHOWN["good"], components=3).fit(x)
    laid = components.transform(x)
    parting = LinearSVM().fit(laid, labels)
    figures = {
        "samples": len(x), "new_samples": len(new), "widths": widths,
        "line": {
            "on_the_plane": round(LinearSVM().fit(x, labels).score(new, truth), 4),
            "on_three_kernel_components": round(parting.score(components.transform(new), truth), 4),
        },
    }  # fmt: skip
    for name, values in widths.items():
        settings.say(f"{name}: {in_words(values)}")
    draw((x, labels), machines, scores, laid, settings)
    return figures


def draw(
    known: tuple[np.ndarray, np.ndarray],
    machines: dict[float, SVM],
    scores: dict[float, tuple[float, float]],
    laid: np.ndarray,
    settings: Settings,
) -> None:
    """Draw three widths on the plane, a cut through the sum of bumps, the scores, the components.

    A sample is as large as its weight, and hollow where it has none.
    """
    x, labels = known
    colors = np.array([ORANGE, BLUE])[labels]
    with figure(settings.picture, 17, 11.5) as drawing:
        panels = drawing.subplots(2, 3)
        for axes, (name, gamma) in zip(panels[0], SHOWN.items(), strict=True):
            plane(axes, machines[gamma], x, colors)
            train, new = scores[gamma]
            told = f"{train:.0%} right, {new:.0%} of new ones"
            axes.set_title(f"{name}, $\\gamma$ = {gamma:g}\n{told}")
        bumps(panels[1, 0], machines[SHOWN["good"]])
        gammas = sorted(scores)
        for which, (style, name) in enumerate((("o--", "its samples"), ("o-", "new ones"))):
            panels[1, 1].semilogx(gammas, [scores[gamma][which] for gamma in gammas], style,
                                  color=(GREY, BLUE)[which], ms=3, label=name)  # fmt: skip
        panels[1, 1].set(xlabel="$\\gamma$, large is narrow", ylabel="share told right",
                         title="the width decides")  # fmt: skip
        panels[1, 1].legend()
        panels[1, 2].scatter(laid[:, 0], laid[:, 2], c=colors, s=8)
        panels[1, 2].set(xlabel="first component", ylabel="third component",
                         title="kernel PCA finds the radius")  # fmt: skip


def plane(axes: Any, machine: SVM, x: np.ndarray, colors: np.ndarray) -> None:
    """Draw what a machine says over the plane, and the samples by their weights."""
    side = np.linspace(-REACH, REACH, 121, dtype=np.float32)
    grid = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    said = machine.decision_function(grid).reshape(len(side), -1)
    axes.contourf(side, side, said, levels=[-1e9, 0, 1e9], colors=[ORANGE, BLUE], alpha=0.15)
    axes.contour(side, side, said, levels=[0], colors="black", linewidths=0.8)
    weights = np.zeros(len(x))
    weights[machine.support_] = np.abs(machine.dual_coef_[0])
    axes.scatter(*x.T, s=3 + 25 * weights / weights.max(), edgecolors=colors, linewidths=0.6,
                 facecolors=np.where(weights > 0, colors, "none"))  # fmt: skip
    axes.set(aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])


def bumps(axes: Any, machine: SVM) -> None:
    """Draw a machine's answer along the horizontal axis, and the bumps that it is the sum of."""
    assert machine.kernel_ is not None
    along = np.linspace(-REACH, REACH, 301, dtype=np.float32)
    points = np.stack([along, np.zeros_like(along)], 1)
    terms = machine.kernel_(points, machine.support_vectors_) * machine.dual_coef_[0]
    for term in terms.T:
        axes.plot(along, term, color=BLUE if term.sum() > 0 else ORANGE, lw=0.5, alpha=0.6)
    axes.plot(along, machine.decision_function(points), color="black", label="the answer f(x)")
    axes.axhline(0, color="0.7", lw=0.6)
    axes.set(xlabel="$x_1$, at $x_2 = 0$", title="a sum of bumps, one a sample")
    axes.legend(loc="lower left")
