"""Fits on a dask cluster: an optional package, its scheduler and workers started by the user."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.cpu import most_threads, use_threads
from rosenblatt.train.parallel import Advance

WAIT = "30s"  # for the scheduler to answer
ROUNDS = 4  # a worker that dies can take with it the only copy of what is shared: send it again


def run_on_cluster(
    address: str,
    call: Callable[[Any, Any, Advance], Any],
    shared: Any,
    tasks: Sequence[Any],
    progress: Advance,
) -> list[Any]:
    """Return [call(shared, task, advance) for each task], in their order, from dask's workers.

    A killed worker's tasks are taken up by others. progress(total) counts finished tasks' units.
    Raises UserError: dask is not installed, no scheduler at `address` or no certificates for it, a
    worker with more than one thread (Numba's would quarrel), or a task whose worker died four
    times.
    """
    try:
        from distributed import as_completed
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise UserError(f"--cluster needs dask: `pip install distributed` ({error}).") from error
    results: dict[int, Any] = {}
    with _client(address) as client, client.as_current():
        neighbours = _neighbours(client, address)
        for _ in range(ROUNDS):
            waiting = [number for number in range(len(tasks)) if number not in results]
            # Under a new name each time: a worker that was still fetching the lost copy forgets
            # that name when the fetch fails, and what was sent since, and would wait for ever.
            there = client.scatter(shared, broadcast=True, hash=False)
            futures = {
                client.submit(_count, call, there, tasks[number], neighbours, pure=False): number
                for number in waiting
            }
            try:
                for future in as_completed(futures):  # fetched at once: its worker may die later
                    with suppress(FutureCancelledError):
                        results[futures[future]] = future.result()
                        progress(sum(units for units, _ in results.values()))
            except KilledWorker as error:
                raise UserError(f"a fit's worker died four times: {error}") from error
            finally:
                client.cancel(list(futures))
            if len(results) == len(tasks):
                return [results[number][1] for number in range(len(tasks))]
    raise UserError(f"{address}: workers keep dying; {len(results)} of {len(tasks)} fits were done")


def _client(address: str) -> Any:
    from distributed import Client

    try:
        return Client(address, timeout=WAIT, set_as_default=False)
    except TypeError as error:  # an address that asks for certificates, and there are none
        raise UserError(
            f"{address}: dask was not told the certificates ({error}); name them in "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..._CLIENT__CERT and ..._CLIENT__KEY, as "
            "report/cluster.md shows."
        ) from error
    except (OSError, ValueError) as error:
        raise UserError(
            f"{address}: no dask scheduler answers ({error}); start one with `dask scheduler`."
        ) from error


def _neighbours(client: Any, address: str) -> int:
    """Return how many workers share a computer, at most; they share its threads as well."""
    workers = client.scheduler_info()["workers"]
    if not workers:
        raise UserError(f"{address}: the scheduler has no workers; start some: `dask worker`.")
    for name, worker in workers.items():
        if worker["nthreads"] > 1:
            raise UserError(
                f"{name}: has {worker['nthreads']} threads; start it with `dask worker {address} "
                "--nworkers CORES --nthreads 1`."
            )
    return max(Counter(worker["host"] for worker in workers.values()).values())


def _count(
    call: Callable[[Any, Any, Advance], Any], shared: Any, task: Any, neighbours: int
) -> tuple[int, Any]:
    """Run one task in a worker, with its share of the computer's threads; count its units."""
    units = 0

    def advance(more: int) -> None:
        nonlocal units
        units += more

    use_threads(most_threads() // neighbours)
    result = call(shared, task, advance)
    return units, result
