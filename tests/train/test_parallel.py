"""Fits side by side: in order, sharing the cores, failing as one."""

import os
import re
import time

import numba
import pytest

from rosenblatt.compilation import COMPILATION
from rosenblatt.errors import UserError
from rosenblatt.train import parallel


def square(shared, task, advance):
    advance(2)
    return shared + task * task


def meet(folder, task):
    """Wait until the other task of two runs as well."""
    (folder / str(task)).touch()
    deadline = time.monotonic() + 120
    while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)


def where(folder, task, advance):
    """Tell process and threads, once the other task of two runs as well."""
    meet(folder, task)
    return os.getpid(), numba.get_num_threads()


def compile_one(folder, task, advance):
    """Compile a kernel, as far as anybody is told, until that of both tasks was told."""
    with COMPILATION.of(f"kernel of task {task}"):
        deadline = time.monotonic() + 120
        while not (folder / "told").exists() and time.monotonic() < deadline:
            time.sleep(0.01)


def fail(shared, task, advance):
    raise UserError(f"task {task}")


def die(shared, task, advance):
    os._exit(9)


def test_what_workers_compile_is_told_as_one(tmp_path):
    before = COMPILATION.count
    both = rf"compiling kernel of task [01] once, kernel {before + 2} so far"

    def look(units):
        if re.fullmatch(both, COMPILATION.words()):
            (tmp_path / "told").touch()

    parallel.run(compile_one, tmp_path, [0, 1], 2, look)
    assert (tmp_path / "told").exists()
    assert COMPILATION.words() == ""
    assert COMPILATION.count == before + 2


@pytest.mark.parametrize("threads", [1, 2])
def test_results_come_in_the_order_of_the_tasks(threads):
    seen = []
    result = parallel.run(square, 100, [3, 1, 2], threads, seen.append)
    assert result == [109, 101, 104]
    assert seen[-1] == 6


def test_one_task_runs_here_with_all_threads(tmp_path):
    before = numba.get_num_threads()
    (tmp_path / "nobody").touch()
    [(process, threads)] = parallel.run(where, tmp_path, [0], numba.config.NUMBA_NUM_THREADS)
    assert process == os.getpid()
    assert threads == numba.config.NUMBA_NUM_THREADS
    assert numba.get_num_threads() == before


def test_processes_share_the_threads_and_never_have_more(tmp_path):
    found = parallel.run(where, tmp_path, [0, 1], 2)
    assert len({process for process, _ in found} | {os.getpid()}) == 3
    assert [threads for _, threads in found] == [1, 1]


def go_on(folder, task, advance):
    """Task 0 ends once both run; the other goes on until it has another number of threads."""
    before = numba.get_num_threads()
    meet(folder, task)
    deadline = time.monotonic() + 60
    while task and numba.get_num_threads() == before and time.monotonic() < deadline:
        time.sleep(0.01)
        advance(1)
    return before, numba.get_num_threads()


def test_what_a_finished_task_leaves_is_taken_up(tmp_path):
    most = min(2, numba.config.NUMBA_NUM_THREADS)
    assert parallel.run(go_on, tmp_path, [0, 1], 2) == [(1, 1), (1, most)]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_task_that_fails_fails_the_run(threads):
    with pytest.raises(UserError, match="task"):
        parallel.run(fail, None, [0, 1], threads)


def test_a_worker_that_is_killed_is_said_so():
    with pytest.raises(UserError, match="killed"):
        parallel.run(die, None, [0, 1], 2)
