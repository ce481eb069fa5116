"""The local leaderboard: a submission scored against solution.csv, for the curious alone.

Nothing that chooses a model may call this.
"""

from dataclasses import dataclass
from pathlib import Path

from rosenblatt.data.text import read_rows
from rosenblatt.errors import UserError


@dataclass(frozen=True)
class Scores:
    """Accuracy, between 0 and 1, on the public rows, the private rows, and all."""

    public: float
    private: float
    overall: float


def score(path: Path | str, solution: Path | str) -> Scores:
    """Return the accuracy of a submission against a solution of columns Id, label, Usage.

    Raises UserError: either file unreadable, a Usage other than Public or Private, an Id that is
    missing from the submission, a share without rows.
    """
    predicted = {cells[0]: cells[-1] for _, cells in read_rows(path)[1:]}
    hits: dict[str, list[bool]] = {"Public": [], "Private": []}
    for line, cells in read_rows(solution)[1:]:
        if len(cells) != 3 or cells[2] not in hits:
            raise UserError(
                f"{solution}: row {line}: expected Id, label and Public or Private; mend this row."
            )
        if cells[0] not in predicted:
            raise UserError(f"{path}: Id {cells[0]} is missing; check the file first.")
        hits[cells[2]].append(predicted[cells[0]] == cells[1])
    for usage, found in hits.items():
        if not found:
            raise UserError(f"{solution}: has no {usage} rows; mark some in column Usage.")
    public, private = hits["Public"], hits["Private"]
    return Scores(_mean(public), _mean(private), _mean(public + private))


def _mean(hits: list[bool]) -> float:
    return sum(hits) / len(hits)
