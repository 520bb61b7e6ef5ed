"""Tune from Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.errors import TrialsMissingError
from harness.experiments.cells import Experiment
from harness.tuning.racing import UnfinishedError
from harness.tuning.settings import open_tuning
from harness.tuning.tuning import Tuning
from harness.tuning.tuning import tune as tune_file


def tune(experiment: str | Path, out: str | Path | None = None, *, jobs: int | None = None) -> Tuning:
    """Tune the algorithms of an experiment on its train benchmarks, and race the choice on its test benchmarks.

    Parameters
    ----------
    experiment : str or Path
        A ``.toml`` file with a section ``[tuning]``, or the name of a shipped one.
    out : str or Path, optional
        The folder of the tuning. Default: ``runs/NAME``. Trials that it already holds are not run again.
    jobs : int, optional
        Number of worker processes. Default: the number of processors.

    Raises
    ------
    ConfigurationError
        If the experiment has mistakes.
    ResultsError
        If the folder has another choice.
    TrialsMissingError
        If some trials failed.
    KeyboardInterrupt
        If it was interrupted. The same call goes on.
    """
    file = open_tuning(str(experiment))
    directory = Path(out) if out is not None else Path("runs") / file.name
    try:
        return tune_file(file, directory, jobs, _unwatched)
    except UnfinishedError as unfinished:
        if unfinished.outcome.interrupted:
            raise KeyboardInterrupt(f"the tuning was interrupted; finished trials are in {directory}") from None
        first = next(iter(unfinished.outcome.failed.values()), "unknown reason")
        raise TrialsMissingError(
            f"{unfinished.outcome.missing} trials have no result in {unfinished.directory}; the first reason: {first}"
        ) from None


@contextmanager
def _unwatched(experiment: Experiment, directory: Path) -> Iterator[dict[str, Any]]:
    yield {}
