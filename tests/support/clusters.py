"""A scheduler and workers of dask.distributed in processes of their own, on the loopback interface."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from commands import until

ROOT = Path(__file__).parents[2]
SCHEDULER = "distributed.cli.dask_scheduler"
WORKER = "distributed.cli.dask_worker"


class Cluster:
    """Processes as `dask scheduler` and `dask worker` start them.

    Parameters
    ----------
    folder : Path
        For the scheduler file, the logs, and as the working directory of the workers.
    """

    def __init__(self, folder: Path, **variables: str) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "scheduler.json"
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.scheduler = self._start(
            "scheduler", SCHEDULER, "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self.file),
            "--no-dashboard", "--no-show", **variables,
        )  # fmt: skip
        until(self._is_listening)

    def _is_listening(self) -> bool:
        with contextlib.suppress(OSError, ValueError):
            return "address" in json.loads(self.file.read_text())
        return False

    @property
    def address(self) -> str:
        return json.loads(self.file.read_text())["address"]

    def add_worker(self, name: str, *words: str, path: Path = ROOT, **variables: str) -> None:
        """Start a worker that imports Regretta from a folder."""
        self.workers[name] = self._start(
            name, WORKER, self.address, "--name", name, "--nthreads", "1", "--no-dashboard", "--local-directory",
            str(self._folder / "local"), *words, path=path, **variables,
        )  # fmt: skip

    def _start(
        self, name: str, module: str, *words: str, path: Path = ROOT, **variables: str
    ) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=self._folder,
                env=os.environ | {"PYTHONPATH": str(path)} | variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text()

    def kill(self, name: str) -> None:
        """Kill a worker with its nanny, or the scheduler."""
        process = self.scheduler if name == "scheduler" else self.workers.pop(name)
        for child in children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        process.kill()
        process.wait()

    def close(self) -> None:
        for name in [*self.workers, "scheduler"]:
            self.kill(name)


def children(parent: int) -> list[int]:
    """Return the processes that a process has started, directly or not."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *children(int(child))]
    return found


def dask_process(parent: int) -> int:
    """Return the process of a worker that its nanny started."""
    starters = [child for child in children(parent) if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return starters[-1]


@contextlib.contextmanager
def cluster(folder: Path, *workers: str, **variables: str) -> Iterator[Cluster]:
    """Start a scheduler and workers with nannies, and end them with the block."""
    started = Cluster(folder, **variables)
    try:
        for name in workers:
            started.add_worker(name, **variables)
        yield started
    finally:
        started.close()
