"""The workers of a cluster: who has proven what it has, who was refused, and who may run a task.

A worker of dask ends when it receives a function that it cannot import. So a worker is first asked to import our
module, by a function of the standard library, and our functions are sent only to workers that have done it.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator
from importlib import import_module
from time import monotonic
from typing import Any

from harness.entries.isolated import describe
from harness.errors import ConfigurationError, SchedulerLostError
from harness.running.clusters import worker_side

LOOK_EVERY = 1.0
"""Time between two looks at the workers of the cluster [s]."""
IMPORTS, OPENS = "regretta-import-", "regretta-open-"
"""Beginnings of the names of the tasks by which a worker proves what it has."""
CALL_WITHIN = 5.0
"""Time within which workers obey a call that ends a run [s]."""

logger = logging.getLogger("regretta")


class Workers:
    """The workers that a scheduler has.

    Parameters
    ----------
    client : distributed.Client
    token : str
        Names the run.
    order : bytes
        Sent to every worker; see `harness.running.clusters.worker_side.Order`.
    say : callable
        Called with a sentence that the user should read now.
    observe : callable
        Called with the linear algebra of every worker before its first trial.

    Attributes
    ----------
    alive : dict
        By address, the number of threads.
    refused : dict
        By address, why the worker does not take part.
    """

    def __init__(
        self,
        client: Any,
        token: str,
        order: bytes,
        say: Callable[[str], None],
        observe: Callable[[dict[str, str | None]], None],
    ) -> None:
        self._client = client
        self._token = token
        self._order = order
        self._say = say
        self._observe = observe
        self.alive: dict[str, int] = {}
        self.refused: dict[str, str] = {}
        self._proven: set[str] = set()
        self._opening: dict[str, Any] = {}
        self._looked = -LOOK_EVERY
        self._demand: Any = None
        self._ever_proven = self._waiting_said = False

    @property
    def threads(self) -> int:
        """Number of tasks that the proven workers run at a time."""
        return sum(self.alive[address] for address in self._proven)

    @property
    def proven(self) -> frozenset[str]:
        """The addresses of the workers that may run tasks."""
        return frozenset(self._proven)

    def look(self) -> None:
        """Look at who has come and gone, from time to time, and let new workers prove what they have.

        Raises
        ------
        ConfigurationError
            If every worker was refused.
        SchedulerLostError
            If the scheduler does not answer.
        """
        if monotonic() - self._looked >= LOOK_EVERY:
            with watched(self._client):
                self.alive = dict(self._client.nthreads())
            self._looked = monotonic()
            self._proven &= self.alive.keys()
            self.refused = {address: why for address, why in self.refused.items() if address in self.alive}
            self._opening = {address: future for address, future in self._opening.items() if address in self.alive}
            for address in self.alive.keys() - self._proven - self._opening.keys() - self.refused.keys():
                self._opening[address] = self._ask(import_module, worker_side.__name__, workers=[address])
            self._wait_for_some()
        for address in [address for address, future in self._opening.items() if future.done()]:
            self._go_on(address, self._opening.pop(address))
        if self.alive and not self._ever_proven and not self._opening and self.refused.keys() >= self.alive.keys():
            raise ConfigurationError(
                [f"every worker was refused: {text}" for text in sorted(set(self.refused.values()))]
            )

    def refuse(self, address: str, reason: str) -> None:
        """Send no further task to a worker."""
        self._proven.discard(address)
        if address in self.refused:
            return
        self.refused[address] = reason
        logger.error("refused: %s: %s", address, reason)
        self._say(f"refused: {reason}")

    def forget(self, address: str) -> None:
        """Let a worker prove again what it has, because it was restarted."""
        self._proven.discard(address)

    def call(self, function: Callable[[str], None]) -> None:
        """Call a function with the token of the run on all proven workers. Those that do not answer are left alone."""
        addresses = sorted(self._proven)
        if addresses and self._client.status == "running":
            with contextlib.suppress(OSError, TimeoutError, RuntimeError):
                self._client.run(
                    function, self._token, workers=addresses, on_error="ignore", callback_timeout=CALL_WITHIN
                )

    def _ask(
        self, function: Callable[..., Any], *arguments: Any, workers: list[str] | None = None, name: str = IMPORTS
    ) -> Any:
        """Send a worker a function, ahead of all trials, and return the future of its result."""
        key = f"{name}{uuid.uuid4().hex}"
        with watched(self._client):
            return self._client.submit(function, *arguments, key=key, pure=False, workers=workers, priority=1)

    def _wait_for_some(self) -> None:
        """If there are no workers, let a task wait for one: a cluster that adapts itself starts workers for tasks."""
        if self.alive:
            self._demand = None
        elif self._demand is None:
            self._demand = self._ask(import_module, worker_side.__name__)
            if not self._waiting_said:
                self._waiting_said = True
                self._say("the scheduler has no workers now: waiting for them. Ctrl-C ends the run")

    def _go_on(self, address: str, future: Any) -> None:
        """Send the order to a worker that has imported our module, or note its answer."""
        if future.status == "error":
            self.refuse(address, f"worker at {address}: {_explained(future.exception())}")
        elif future.status != "finished":
            raise SchedulerLostError("the scheduler went away")
        elif future.key.startswith(OPENS):
            self._note(address, future)
        else:
            order = self._token, self._order
            self._opening[address] = self._ask(worker_side.open_session, *order, workers=[address], name=OPENS)

    def _note(self, address: str, future: Any) -> None:
        """Note the answer of a worker to the order."""
        with watched(self._client):
            opened: worker_side.Opened = future.result()
        name = f"worker at {address}" if opened.name == address else f"worker {opened.name} at {address}"
        if opened.lacks:
            self.refuse(address, f"{name}: {'; '.join(opened.lacks)}")
            return
        logger.info("%s takes part with %d threads", name, self.alive.get(address, 0))
        self._observe(opened.fingerprint)
        self._ever_proven = True
        if address in self.alive:
            self._proven.add(address)


def _explained(error: BaseException) -> str:
    text = describe(error)
    return f"Regretta cannot be imported there: {text}" if isinstance(error, ImportError) else text


@contextlib.contextmanager
def watched(client: Any) -> Iterator[None]:
    """Turn whatever a call raises when the scheduler is lost into a `SchedulerLostError`."""
    try:
        yield
    except (ConfigurationError, SchedulerLostError):
        raise
    except Exception as error:
        if isinstance(error, OSError) or client.status != "running":
            raise SchedulerLostError(describe(error)) from error
        raise
