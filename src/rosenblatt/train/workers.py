"""Where fits run: in this process, in worker processes, on a cluster, or as parts of an array.

A fit is a function of what is shared and of its task, so where it runs changes nothing but the
time. With a folder of results, each writes one file named after its key; finished ones are skipped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rosenblatt.errors import UserError
from rosenblatt.train import parallel
from rosenblatt.train.checkpoint import Checkpoint
from rosenblatt.train.fit_results import Result, Results
from rosenblatt.train.parallel import Advance

# fit(shared, task, advance, checkpoint or None) -> result
Fit = Callable[[Any, Any, Advance, Checkpoint | None], Result]


@dataclass(frozen=True)
class Workers:
    """How fits run.

    threads: of this computer. results: the folder for finished fits, or None to keep none.
    cluster: the address of a dask scheduler, or "". part = (i, n): only every n-th fit, from the
    i-th on, counted from 0; the computers of an array share the rest.
    """

    threads: int = 1
    results: Results | None = None
    cluster: str = ""
    part: tuple[int, int] = (0, 1)

    def run(
        self,
        fit: Fit,
        shared: Any,
        tasks: Sequence[tuple[str, Any]],
        progress: Advance = lambda units: None,
    ) -> list[Result]:
        """Return the result of each task (key, task), in their order; equal keys are run once.

        progress(total) is told of the units that the fits advance. Raises what a fit raises;
        UserError: a worker was killed, the cluster is not there, or other parts are missing.
        """
        finished = {key: self._find(key) for key, _ in tasks}
        missing = [(key, task) for key, task in dict(tasks).items() if finished[key] is None]
        first, parts = self.part
        mine = missing if parts == 1 else self._mine(tasks, missing)
        if self.cluster:
            from rosenblatt.train.cluster import run_on_cluster

            found = run_on_cluster(self.cluster, _Call(fit, self.results), shared, mine, progress)
        elif min(self.threads, len(mine)) > 1:
            found = parallel.run(_Call(fit, self.results), shared, mine, self.threads, progress)
        else:
            found = []
            with parallel.here(self.threads, progress) as advance:
                for key, task in mine:
                    with _Kept(self.results, key) as place:
                        if place.result is None:
                            place.result = fit(shared, task, advance, place.checkpoint)
                    found.append(place.result)
        finished |= {key: result for (key, _), result in zip(mine, found, strict=True)}
        left = sum(result is None for result in finished.values())
        if left:
            raise UserError(
                f"part {first + 1} of {parts} is done; {left} fits are left to the others. When "
                "all are done, the same command without --part puts them together."
            )
        return [result for key, _ in tasks if (result := finished[key]) is not None]

    def _find(self, key: str) -> Result | None:
        return self.results.find(key) if self.results else None

    def _mine(
        self, tasks: Sequence[tuple[str, Any]], missing: list[tuple[str, Any]]
    ) -> list[tuple[str, Any]]:
        """Return the missing tasks of this part: its share of all, whatever is finished."""
        if self.results is None:
            raise UserError("--part needs --results: the parts meet in that folder.")
        first, parts = self.part
        share = set(list(dict(tasks))[first::parts])
        return [(key, task) for key, task in missing if key in share]


class _Kept:
    """The place of a result: found there, or kept there at the end of the block.

    In a folder that others share, another may have put it there since the run started.
    """

    def __init__(self, results: Results | None, key: str) -> None:
        self.results, self.key = results, key
        self.checkpoint = results.checkpoint(key) if results else None

    def __enter__(self) -> "_Kept":
        self.result = self.results.find(self.key) if self.results else None
        self.found = self.result is not None
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None and self.results and self.result and not self.found:
            self.results.keep(self.key, self.result)
            assert self.checkpoint
            self.checkpoint.remove()


@dataclass(frozen=True)
class _Call:
    """Runs one task wherever it is sent, and keeps its result there."""

    fit: Fit
    results: Results | None

    def __call__(self, shared: Any, named: tuple[str, Any], advance: Advance) -> Result:
        key, task = named
        with _Kept(self.results, key) as place:
            if place.result is None:
                place.result = self.fit(shared, task, advance, place.checkpoint)
        return place.result
