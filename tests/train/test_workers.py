"""The same results wherever fits run, none run twice, and none lost to a killed worker."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.train.checkpoint import Checkpoint
from rosenblatt.train.fit_results import Result, Results, key_of
from rosenblatt.train.workers import Workers

ROOT = Path(__file__).parents[2]
HERE = "rosenblatt.train.fit_results"
TASKS = [(key_of(HERE, "square", number), number) for number in (3, 1, 2, 3)]


def square(folder, number, advance, checkpoint):
    """Note that it ran, then square."""
    with open(folder / "log", "a") as log:
        log.write(f"{number}\n")
    advance(1)
    return Result({"square": np.array([number * number])}, {"number": number})


def squares(results):
    return [int(result.arrays["square"][0]) for result in results]


def log(folder):
    return sorted((folder / "log").read_text().split())


@pytest.mark.parametrize("threads", [1, 2])
def test_finished_fits_are_skipped(tmp_path, threads):
    workers = Workers(threads, Results(tmp_path / "results"))
    seen = []
    assert squares(workers.run(square, tmp_path, TASKS, seen.append)) == [9, 1, 4, 9]
    assert log(tmp_path) == ["1", "2", "3"]  # equal keys run once
    assert seen[-1] == 3
    more = [*TASKS, (key_of(HERE, "square", 5), 5)]
    assert squares(workers.run(square, tmp_path, more)) == [9, 1, 4, 9, 25]
    assert log(tmp_path) == ["1", "2", "3", "5"]
    assert workers.run(square, tmp_path, TASKS)[0].facts == {"number": 3}


def test_without_a_folder_nothing_is_kept(tmp_path):
    assert squares(Workers().run(square, tmp_path, TASKS)) == [9, 1, 4, 9]
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_parts_share_the_work_and_the_last_step_puts_it_together(tmp_path):
    results = Results(tmp_path / "results")
    for part, left in ((0, 1), (1, 0)):
        workers = Workers(results=results, part=(part, 2))
        if left:
            with pytest.raises(UserError, match=f"part 1 of 2 is done; {left} fits are left"):
                workers.run(square, tmp_path, TASKS)
        else:
            workers.run(square, tmp_path, TASKS)
    assert log(tmp_path) == ["1", "2", "3"]
    assert squares(Workers(results=results).run(square, tmp_path, TASKS)) == [9, 1, 4, 9]
    assert log(tmp_path) == ["1", "2", "3"]
    with pytest.raises(UserError, match="needs --results"):
        Workers(part=(0, 2)).run(square, tmp_path, TASKS)


def keep_half(folder, number, advance, checkpoint):
    """Leave a checkpoint behind and fail, the first time."""
    assert isinstance(checkpoint, Checkpoint)
    if not checkpoint.path.exists():
        checkpoint.path.parent.mkdir(exist_ok=True)
        checkpoint.path.write_text("half")
        raise UserError("killed")
    return Result({})


def test_a_checkpoint_lives_until_its_result_does(tmp_path):
    workers = Workers(results=Results(tmp_path / "results"))
    with pytest.raises(UserError, match="killed"):
        workers.run(keep_half, tmp_path, TASKS[:1])
    workers.run(keep_half, tmp_path, TASKS[:1])
    assert [path.name for path in (tmp_path / "results").iterdir()] == [f"{TASKS[0][0]}.npz"]


def test_keys_depend_on_each_fact_and_on_the_sources(monkeypatch):
    facts: list[tuple] = [(1,), (2,), ("1",), (1, 1), ({"a": 1},)]
    keys = {key_of(HERE, *some) for some in facts}
    assert len(keys) == 5
    assert key_of(HERE, {"a": 1, "b": 2}) == key_of(HERE, {"b": 2, "a": 1})
    assert key_of("rosenblatt.train.network", 1) not in keys
    before = key_of(HERE, 1)
    monkeypatch.setattr("rosenblatt.train.fit_results.sources_digest", lambda module: "other")
    assert key_of(HERE, 1) != before


def slow_square(folder, number, advance, checkpoint):
    """Say which process has taken the task, and take a while the first time."""
    marker = folder / f"pid-{number}"
    first = not marker.exists()
    marker.write_text(str(os.getpid()))
    if first and number == 1:
        time.sleep(60)
    return square(folder, number, advance, checkpoint)


@pytest.fixture
def cluster(tmp_path):
    """Start a real scheduler and two workers on this machine; yield the scheduler's address."""
    pytest.importorskip("distributed")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    environment["DASK_DISTRIBUTED__WORKER__DAEMON"] = "False"
    started = []

    def start(*words):
        command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
        started.append(
            subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL)
        )

    file = tmp_path / "scheduler.json"
    start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
          "--scheduler-file", file)  # fmt: skip
    deadline = time.monotonic() + 120
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    address = re.search(r'"(tcp://127[^"]+)"', file.read_text())[1]
    for _ in range(2):
        start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
              "--local-directory", tmp_path / "dask")  # fmt: skip
    from distributed import Client

    with Client(address, timeout="120s", set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
    yield address
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_dask_worker_killed_in_mid_fit(cluster, tmp_path):
    import threading

    def kill():
        marker = tmp_path / "pid-1"
        while not marker.exists() or not marker.read_text():
            time.sleep(0.02)
        os.kill(int(marker.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    results = Results(tmp_path / "results")
    workers = Workers(results=results, cluster=cluster)
    assert squares(workers.run(slow_square, tmp_path, TASKS)) == [9, 1, 4, 9]
    killer.join(timeout=5)
    assert log(tmp_path) == ["1", "2", "3"]  # the killed one never came to its note
    here = Workers(results=Results(tmp_path / "here")).run(square, tmp_path, TASKS)
    assert squares(here) == [9, 1, 4, 9]
    for key, _ in TASKS:
        assert results.path(key).read_bytes() == (tmp_path / "here" / f"{key}.npz").read_bytes()


def test_no_cluster(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("rosenblatt.train.cluster.WAIT", "0.2s")
    with pytest.raises(UserError, match="no dask scheduler answers"):
        Workers(cluster="tcp://127.0.0.1:9").run(square, Path(), TASKS)


def test_a_cluster_that_asks_for_certificates(monkeypatch):
    pytest.importorskip("distributed")
    with pytest.raises(UserError, match="was not told the certificates"):
        Workers(cluster="tls://127.0.0.1:9").run(square, Path(), TASKS)
