"""The stages of a tuning: race on the train benchmarks, seal the choice, and race the choice on the test benchmarks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from harness.errors import ConfigurationError
from harness.experiments.cells import Experiment
from harness.tuning.choice import check_settings, seal_choice, this_version
from harness.tuning.configurations import Configuration, Configurations, configurations
from harness.tuning.importance import importance
from harness.tuning.racing import FIRST_STEP, Race, Stage, escaped, race, race_entries, trial_areas
from harness.tuning.settings import DEFAULT, ORACLE, ROLES, TUNED, TuningFile, label_of_role
from harness.tuning.transfer import race_transfer, transfer_matrix
from results.statistics.paired import holm, paired_wilcoxon
from results.storage.experiment_record import read_experiment
from results.summaries.across import independent_space

TRAIN = "train"
Watch = Callable[[Experiment, Path], AbstractContextManager[dict[str, Any]]]


@dataclass(frozen=True)
class Tuned:
    """The tuning of one algorithm.

    Attributes
    ----------
    table : dict
        The hyperparameters that were not searched.
    choices : Configurations
    train : Race
    test : Race or None
        The race on the test benchmarks, which finds the oracle.
    alone : dict
        By benchmark: the setting that was tuned on it alone. Empty without ``transfer``.
    """

    table: dict[str, Any]
    choices: Configurations
    train: Race
    test: Race | None = None
    alone: Mapping[str, Configuration] = field(default_factory=dict)


@dataclass(frozen=True)
class Tuning:
    """The result of a tuning.

    Attributes
    ----------
    file : TuningFile
    directory : Path
    algorithms : dict
        `Tuned` by label.
    seal : str
        Hash of the choice.
    """

    file: TuningFile
    directory: Path
    algorithms: dict[str, Tuned]
    seal: str

    @property
    def final(self) -> Path:
        """The results folder of the default, tuned and best settings on the test benchmarks."""
        return self.directory / "final"

    @property
    def fresh(self) -> range:
        """The trials of the final race, on which nothing was chosen."""
        begin = max(one.end for each in self.algorithms.values() for one in (each.train, each.test) if one)
        return range(begin, begin + self.file.section.final_trials)

    def shared_data(self) -> list[tuple[str, str]]:
        """Return the pairs of a train and a test benchmark on the same search space and data set."""
        first = self.directory / TRAIN / _slug(0, next(iter(self.algorithms))) / FIRST_STEP
        train, test = (read_experiment(folder)["benchmarks"] for folder in (first, self.final))

        def data(facts: Mapping[str, Any]) -> tuple[str, Any]:
            return independent_space(facts), facts.get("dataset")

        return [(a, b) for a in train for b in test if data(train[a]) == data(test[b])]

    def gains(self) -> pd.DataFrame:
        """Compare default, tuned and oracle on the test benchmarks.

        Returns
        -------
        DataFrame
            A row per algorithm and benchmark: the mean area under log regret of each [dex]; ``gain``, the median of
            the paired differences default minus tuned with its interval, and its p-value (Wilcoxon's signed-rank test,
            Holm-adjusted over the rows); ``oracle_gain``, the same median for the oracle; ``share``, the part of it
            that the tuning got, NaN unless the interval of the oracle's gain is above 0.
        """
        rows, tests = [], []
        for benchmark, areas in trial_areas(self.final).items():
            for label in self.algorithms:
                own = {role: areas[label_of_role(label, role)] for role in ROLES if label_of_role(label, role) in areas}
                if (found := self.algorithms[label].test) and found.winner == self.algorithms[label].train.winner:
                    own[ORACLE] = own[TUNED]
                test = paired_wilcoxon(own[DEFAULT], own[TUNED])
                best = paired_wilcoxon(own[DEFAULT], own[ORACLE]) if ORACLE in own else None
                rows.append(
                    {
                        "algorithm": label,
                        "benchmark": benchmark,
                        **{role: float(own[role].mean()) if role in own else float("nan") for role in ROLES},
                        "gain": test.median_difference,
                        "low": test.low,
                        "high": test.high,
                        "oracle_gain": best.median_difference if best else float("nan"),
                        "share": test.median_difference / best.median_difference
                        if best and best.low > 0
                        else float("nan"),
                        "trials": test.n,
                    }
                )
                tests.append(test)
        frame = pd.DataFrame(rows)
        frame["p_holm"] = holm([test.p_value if not test.refused else 1.0 for test in tests])
        frame.loc[[bool(test.refused) for test in tests], "p_holm"] = float("nan")
        return frame

    def importance(self, label: str) -> pd.DataFrame:
        """Return the importance of each hyperparameter on the train benchmarks; see `harness.tuning.importance`."""
        tuned = self.algorithms[label]
        areas = {name: frame.iloc[: tuned.train.first] for name, frame in tuned.train.areas.items()}
        return importance(tuned.choices.valid, areas, complete=tuned.choices.complete)

    def transfer(self, label: str) -> pd.DataFrame | None:
        """Return how settings transfer between benchmarks; see `harness.tuning.transfer`. None if it was not raced."""
        if not self.algorithms[label].alone:
            return None
        return transfer_matrix(transfer_folder(self.directory, list(self.algorithms).index(label), label))


def transfer_folder(directory: Path, place: int, label: str) -> Path:
    """Return the folder of the races on each benchmark alone."""
    return directory / "transfer" / _slug(place, label)


def tune(file: TuningFile, directory: Path, jobs: int | None, watch: Watch) -> Tuning:
    """Tune the algorithms of a file, or go on where an earlier call stopped.

    Parameters
    ----------
    file : TuningFile
    directory : Path
    jobs : int or None
        Number of worker processes. Default: the number of processors.
    watch : callable
        ``watch(experiment, directory)`` is a context manager that yields the observers of a run as keyword arguments
        of `harness.running.runner.run_experiment`.

    Raises
    ------
    ConfigurationError
        If the file has mistakes.
    ResultsError
        If the folder belongs to another tuning, or the file was changed after the choice was sealed.
    UnfinishedError
        If it was interrupted, or trials failed. The same call goes on.
    """
    directory.mkdir(parents=True, exist_ok=True)
    check_settings(directory, file.sealed())
    tuned = _choose(file, directory, jobs, watch)
    seal = seal_choice(directory, _content(file, tuned), file.sealed())
    section = file.section
    test = Stage(file.raw, file.folder, tuple(section.test), directory, jobs, watch)
    for place, (label, one) in enumerate(tuned.items()):
        rest = (label, one.table, one.choices.valid, section.trials)
        if section.oracle:
            stage = replace(test, directory=directory / "oracle" / _slug(place, label))
            tuned[label] = replace(tuned[label], test=race(stage, *rest))
        if section.transfer:
            every = (*section.train, *section.test)
            stage = replace(test, benchmarks=every, directory=transfer_folder(directory, place, label))
            tuned[label] = replace(tuned[label], alone=race_transfer(stage, *rest, section.final_trials))
    tuning = Tuning(file, directory, tuned, seal)
    test.run("final", final_entries(file, tuned), tuning.fresh)
    return tuning


def _choose(file: TuningFile, directory: Path, jobs: int | None, watch: Watch) -> dict[str, Tuned]:
    """Race the configurations of every algorithm on the train benchmarks. Nothing else is known here."""
    section = file.section
    train = Stage(file.raw, file.folder, tuple(section.train), directory / TRAIN, jobs, watch)
    tuned = {}
    for place, (label, choices) in enumerate(_configurations(file, train).items()):
        table = dict(file.raw["algorithms"][label])
        stage = replace(train, directory=train.directory / _slug(place, label))
        tuned[label] = Tuned(table, choices, race(stage, label, table, choices.valid, section.trials))
    return tuned


def _configurations(file: TuningFile, train: Stage) -> dict[str, Configurations]:
    """Return the configurations of every algorithm, and report all mistakes that show without a test benchmark."""
    found: dict[str, Configurations] = {}
    final: dict[str, Mapping[str, Any]] = {}
    for label, table in file.raw["algorithms"].items():
        if label in file.search:
            final |= {escaped(label_of_role(label, role)): {"use": label} | table for role in ROLES}
        else:
            final[label] = table
    problems = replace(train, benchmarks=train.benchmarks[:1]).general_problems(final)
    for label, search in file.search.items():
        table = dict(file.raw["algorithms"][label])
        refusal = partial(_refusal, train, label, table)
        choices = configurations(search, file.section.configurations, file.seed, label, refusal)
        found[label] = choices
        if len(choices.valid) < 2:
            reasons = "; ".join(list(choices.invalid)[:3])
            problems.append(
                f"algorithms.{label}: expected at least two valid configurations, got {len(choices.valid)}: {reasons}"
            )
        else:
            train.experiment(race_entries(label, table, choices.valid), range(file.section.trials))
    if problems:
        raise ConfigurationError(list(dict.fromkeys(problems)))
    return found


def _refusal(stage: Stage, label: str, table: Mapping[str, Any], values: Mapping[str, Any]) -> str | None:
    """Return why the benchmarks of a stage or the algorithm refuse hyperparameters, or None."""
    try:
        stage.experiment({"it": {"use": label, **table, **values}}, range(1))
    except ConfigurationError as error:
        return error.problems[0].removeprefix("algorithms.it").lstrip(":. ")
    return None


def final_entries(file: TuningFile, tuned: Mapping[str, Tuned]) -> dict[str, dict[str, Any]]:
    """Return the entries of the final race by template of the label, in the order of the file.

    Labels of tuned algorithms are no templates. Those of the others are as they are in the file.
    """
    entries: dict[str, dict[str, Any]] = {}
    for label, table in file.raw["algorithms"].items():
        if label not in tuned:
            entries[label] = dict(table)
            continue
        one = tuned[label]
        settings = {DEFAULT: {}, TUNED: one.train.winner.values}
        if one.test and one.test.winner != one.train.winner:
            settings[ORACLE] = one.test.winner.values
        for role, values in settings.items():
            entries[escaped(label_of_role(label, role))] = {"use": label} | one.table | values
    return entries


def _content(file: TuningFile, tuned: Mapping[str, Tuned]) -> dict[str, Any]:
    return {
        "format": 1,
        "name": file.name,
        "seed": file.seed,
        "regretta": this_version(),
        "train": file.section.train,
        "trials": file.section.trials,
        "algorithms": {
            label: {
                "use": one.table.get("use", label),
                "hyperparameters": {key: value for key, value in one.table.items() if key != "use"},
                "chosen": one.train.winner.values,
                "configurations": len(one.choices.valid),
                "trials": one.train.trials,
            }
            for label, one in tuned.items()
        },
    }


def _slug(place: int, label: str) -> str:
    return f"{place:02d}-{re.sub(r'[^A-Za-z0-9._-]+', '-', label)[:40]}"
