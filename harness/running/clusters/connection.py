"""Connections to a scheduler of dask.distributed: a running one, or a local one that is started for the run."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import ConfigurationError

LOCAL = re.compile(r"local:([1-9][0-9]{0,3})")
"""A scheduler of this run alone, with that many worker processes."""
CONNECT_WITHIN = 30.0
"""Time within which a scheduler answers [s]."""
CLOSE_WITHIN = 5.0
"""Time to say goodbye to the scheduler [s]."""
ADDRESS = re.compile(
    r"((tcp|tls|ws|wss|ucx)://)?[^/:\s]+(:[0-9]{1,5})?|((tcp|tls|ws|wss|ucx)://)?\[[0-9a-fA-F:.%]+\](:[0-9]{1,5})?"
)
"""An address of a scheduler: protocol, host and port."""
PRELOAD = "harness.running.clusters.local_worker"

logger = logging.getLogger("regretta")


@contextlib.contextmanager
def connected(scheduler: str) -> Iterator[Any]:
    """Connect to a scheduler for a block of code.

    Parameters
    ----------
    scheduler : str
        An address such as ``tcp://10.0.0.1:8786``, the path of a scheduler file (``.json``), or ``local:N`` for a
        scheduler and N worker processes on this machine, which end with the block.

    Yields
    ------
    distributed.Client

    Raises
    ------
    ConfigurationError
        If dask.distributed is not installed, or nothing answers.
    """
    try:
        import dask
        import distributed
    except ImportError as error:
        raise ConfigurationError(
            [f"--backend dask: dask.distributed is not installed ({error}): pip install 'regretta[dask]'"]
        ) from None
    _redirect_logs()
    _check(scheduler)
    settings = {
        "distributed.comm.timeouts.connect": f"{CONNECT_WITHIN}s",
        "distributed.admin.large-graph-warning-threshold": "64MB",
    }
    with dask.config.set(settings), contextlib.ExitStack() as stack:
        place: dict[str, Any] = {"address": scheduler}
        if local := LOCAL.fullmatch(scheduler):
            place = {"address": _start_local(stack, int(local[1]))}
        elif scheduler.endswith(".json"):
            place = {"scheduler_file": scheduler}
        try:
            client = distributed.Client(**place, timeout=CONNECT_WITHIN, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise ConfigurationError([f"--scheduler: no scheduler answers at {scheduler!r} ({error})"]) from None
        try:
            yield client
        finally:
            with contextlib.suppress(OSError, TimeoutError, RuntimeError):
                client.close(timeout=CLOSE_WITHIN)


def _check(scheduler: str) -> None:
    """Refuse what cannot be a scheduler, before dask waits for its answer."""
    if scheduler.endswith(".json"):
        if not Path(scheduler).is_file():
            raise ConfigurationError([f"--scheduler: expected a scheduler file, but {scheduler!r} does not exist"])
    elif not LOCAL.fullmatch(scheduler) and (scheduler.startswith("local:") or not ADDRESS.fullmatch(scheduler)):
        raise ConfigurationError(
            [
                "--scheduler: expected an address such as tcp://10.0.0.1:8786, a scheduler file (.json), or local:N"
                f" with N from 1 to 9999, got {scheduler!r}"
            ]
        )


class _ToOurLog(logging.Handler):
    """Passes messages of dask to the log of the run. Lost connections give tracebacks, which nobody else reads."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.log(min(record.levelno, logging.INFO), "%s: %s", record.name, record.getMessage())


def _redirect_logs() -> None:
    """Write what dask and the libraries below it log into the log of the run instead of the terminal."""
    for name in list(logging.root.manager.loggerDict):
        top = name.partition(".")[0]
        if top in ("distributed", "tornado", "asyncio"):
            found = logging.getLogger(name)
            found.handlers = [_ToOurLog()] if name == top else []
            found.propagate = name != top


def _start_local(stack: contextlib.ExitStack, workers: int) -> str:
    """Start a scheduler and worker processes on the loopback interface, which end with the stack."""
    import distributed

    cluster = distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs=logging.CRITICAL,
        preload=[PRELOAD],
    )
    stack.callback(cluster.close, timeout=CLOSE_WITHIN)
    address: str = cluster.scheduler_address
    return address
