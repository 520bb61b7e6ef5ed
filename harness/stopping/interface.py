"""Run an experiment from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from harness.errors import TrialsMissingError
from harness.experiments.opening import open_changed
from harness.stopping.until_decided import run_resolved
from results.storage.loading import load
from results.storage.study import Study


def run(
    experiment: str | Path | Mapping[str, Any],
    out: str | Path | None = None,
    *,
    jobs: int | None = None,
    trials: int | Sequence[int] | None = None,
    changes: Mapping[str, Any] | None = None,
    until: Literal["decided"] | None = None,
) -> Study:
    """Run the missing trials of an experiment, and load its results.

    Parameters
    ----------
    experiment : str, Path or mapping
        The name of a shipped experiment, a ``.toml`` file, or a mapping with the keys of such a file. Paths in a
        mapping are relative to the working directory.
    out : str or Path, optional
        The results folder. Default: ``runs/NAME``. Trials that it already holds are kept and not run again.
    jobs : int, optional
        Number of worker processes. Default: the number of processors.
    trials : int or (int, int), optional
        The number of trials, or a half-open range of them, in place of that of the experiment.
    changes : mapping, optional
        Values to replace, by dotted path, such as ``{"budget.evaluations": 50}``.
    until : {"decided"}, optional
        Add trials until it is decided for every pair of algorithms which one is better, also if the experiment has no
        section ``[stopping]``. Values of that section can be given as changes, such as ``{"stopping.margin": 0.05}``.

    Returns
    -------
    Study
        Everything that the folder holds: see :func:`results.load`.

    Raises
    ------
    ConfigurationError
        If the experiment has mistakes. The error lists all of them, and nothing is run.
    FolderInUseError
        If another run is using the folder.
    ResultsError
        If the folder belongs to an experiment with another name.
    TrialsMissingError
        If some trials failed. The others are in the folder: :func:`results.load` reads them.
    KeyboardInterrupt
        If the run was interrupted. Finished trials are kept, and the same call continues from there.
    """
    resolved = open_changed(experiment, trials, changes or {}, until_decided=until is not None)
    directory = Path(out) if out is not None else Path("runs") / resolved.name
    outcome = run_resolved(resolved, directory, jobs)
    if outcome.interrupted:
        raise KeyboardInterrupt(f"the run was interrupted; finished trials are in {directory}")
    if outcome.missing:
        first = next(
            (f"; the first: {label} on {benchmark}, trial {trial}: {why}" for (label, benchmark, trial), why in
             outcome.failed.items()),
            "",
        )  # fmt: skip
        raise TrialsMissingError(
            f"{outcome.missing} of {outcome.wanted} trials have no result{first}. The others are in {directory}: load"
            " them with results.load, or call run again to retry"
        )
    return load(directory)
