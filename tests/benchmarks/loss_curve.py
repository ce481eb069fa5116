"""The same training in PyTorch: from the same weights on the same batches, the same losses?

    PYTHONPATH=src python -m tests.benchmarks.loss_curve TEXT [--steps N] [--json FILE]

prints the largest difference between the two curves of the character model's loss; the file keeps
both. It needs PyTorch (the dependency group `rivals`).
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from rosenblatt.data.corpus import Vocabulary, read_text
from rosenblatt.files import write_atomic
from rosenblatt.layers import Module
from rosenblatt.models.language import LanguageModel, Streams
from rosenblatt.report.versions import processor, versions
from rosenblatt.train import Adam, Callback, Constant, Plan, State
from rosenblatt.train.fit import fit

EMBEDDING, UNITS, STREAMS, STEPS, RATE, CLIP = 64, 128, 32, 64, 0.003, 5.0


class Rival(torch.nn.Module):
    """The same network, with the weights of ours."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.look_up = torch.nn.Embedding(model.symbols, EMBEDDING)
        self.cell = torch.nn.LSTM(EMBEDDING, UNITS, batch_first=True)
        self.readout = torch.nn.Linear(UNITS, model.symbols)
        ours = {name: torch.from_numpy(value.copy()) for name, value in model.state().items()}
        self.look_up.weight.data = ours["look_up.weight"]
        self.readout.weight.data = ours["readout.weight"].T.contiguous()
        self.readout.bias.data = ours["readout.bias"]
        self.cell.weight_ih_l0.data = _reordered(ours["cells.0.weight"].T)
        self.cell.weight_hh_l0.data = _reordered(ours["cells.0.recurrent"].T)
        self.cell.bias_ih_l0.data = _reordered(ours["cells.0.bias"])
        self.cell.bias_hh_l0.data.zero_()
        self.cell.bias_hh_l0.requires_grad_(False)  # ours has one bias

    def forward(self, x, state):
        output, state = self.cell(self.look_up(x), state)
        return self.readout(output), tuple(part.detach() for part in state)


class Losses(Callback):
    """Notes the loss of each of so many steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.found: list[float] = []

    def on_step(self, module: Module, state: State) -> None:
        self.found.append(state.step_loss)
        state.stop = len(self.found) == self.steps


def _reordered(gates):
    """Bring gates i, f, o, g into PyTorch's order i, f, g, o."""
    i, f, o, g = gates.split(UNITS)
    return torch.cat([i, f, g, o]).contiguous()


def curves(text: str, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses of ours and of PyTorch, step by step."""
    vocabulary = Vocabulary(sorted(set(text)))
    model = LanguageModel(len(vocabulary), EMBEDDING, UNITS)
    model.build((STEPS,), np.random.default_rng(0))
    rival, ours = Rival(model), Losses(steps)
    source = Streams(model, vocabulary.encode(text), STREAMS, STEPS)
    plan = Plan(
        -(-steps // source.steps), optimiser=Adam(), schedule=Constant(RATE), clip_norm=CLIP,
        metric=None, callbacks=(ours,),
    )  # fmt: skip
    fit(model, source, plan)
    optimiser = torch.optim.Adam([p for p in rival.parameters() if p.requires_grad], RATE)
    found: list[float] = []
    rival_state = None
    for step in range(steps):
        inputs, targets = source.windows[step % source.steps]
        rival_state = rival_state if step % source.steps else None
        logits, rival_state = rival(torch.from_numpy(inputs.copy()), rival_state)
        rival_loss = torch.nn.functional.cross_entropy(
            logits.reshape(-1, len(vocabulary)), torch.from_numpy(targets.copy()).reshape(-1)
        )
        optimiser.zero_grad()
        rival_loss.backward()
        torch.nn.utils.clip_grad_norm_(rival.parameters(), CLIP)
        optimiser.step()
        found.append(rival_loss.item())
    return np.array(ours.found), np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="Our losses beside PyTorch's.")
    parser.add_argument("text", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--json", metavar="FILE", type=Path)
    arguments = parser.parse_args()
    ours, theirs = curves(read_text(arguments.text), arguments.steps)
    largest = float(np.abs(ours - theirs).max())
    print(f"first losses {ours[0]:.6f} {theirs[0]:.6f}, last {ours[-1]:.6f} {theirs[-1]:.6f}")
    print(f"largest difference {largest:.2e} over {len(ours)} steps")
    if arguments.json:
        kept = {
            "text": arguments.text.name, "steps": len(ours), "largest_difference": largest,
            "network": {"embedding": EMBEDDING, "units": UNITS}, "batch": [STREAMS, STEPS],
            "versions": f"{versions()} torch {torch.__version__}", "cpu": processor(),
            "ours": ours.round(6).tolist(), "pytorch": theirs.round(6).tolist(),
        }  # fmt: skip
        write_atomic(arguments.json, json.dumps(kept) + "\n")


if __name__ == "__main__":
    main()
