"""The facts of a benchmark, and the interface that every benchmark offers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.spaces.base import Architecture, SearchSpace

Provenance = Literal["recorded", "surrogate", "synthetic"]


@dataclass(frozen=True)
class TargetFacts:
    """Known facts about one true error, in the benchmark's unit.

    Attributes
    ----------
    optimum : float
        Lowest mean error of any architecture. For a surrogate, a frozen reference value.
    floor : float
        Regret below which differences are noise: the standard error of the mean error over the recorded repeats, as
        the median over the best 1 % of the architectures.
    median : float
        Median over all architectures: the error that a random architecture typically has.
    """

    optimum: float
    floor: float
    median: float


@dataclass(frozen=True)
class Facts:
    """Immutable facts of a benchmark, the same for every algorithm that searches it.

    Attributes
    ----------
    name, title, dataset, space : str
    metric : str
        The recorded quantity and its direction.
    unit : str
        Unit of all errors.
    valid_range : tuple of float
        Lowest and highest possible error.
    fidelities : tuple of float
        In epochs, ascending.
    continuable : bool
        Whether lower fidelities are prefixes of one training run, so that training can be resumed.
    has_seconds : bool
        Whether training times are recorded.
    validation_share : float or None
        Seconds of one validation pass as a share of one epoch of training. None if unknown.
    repeats : tuple of int
        Fewest and most recorded networks per architecture at the highest fidelity.
    sisters : tuple of str
        Sibling data sets: other benchmarks on the same space, on which the incumbent may be reported as well.
    targets : mapping
        Known facts by target, such as ``validation@200``.
    reference : int or None
        Version of the frozen reference values that replace unknown optima. None if the optima are known.
    signal : str
        Kind of the target that an algorithm is told: ``validation``, or ``test`` if nothing else was recorded.
    matched_runs : bool
        Whether a repeat is the same run at every fidelity although some runs lack a fidelity. Then only runs that were
        recorded at every fidelity are drawn.
    floor_assumed : bool
        Whether too few of the best architectures were trained twice for the floor to be measured.
    information : tuple of str
        Recorded numbers other than errors, such as a latency.
    command : str
        The options that imported a user's table.
    """

    name: str
    title: str
    dataset: str
    space: str
    metric: str
    unit: str
    valid_range: tuple[float, float]
    fidelities: tuple[float, ...]
    continuable: bool
    provenance: Provenance
    licence: str
    citation: str
    source: str
    data_hash: str
    repeats: tuple[int, int]
    has_seconds: bool = True
    validation_share: float | None = None
    sisters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    targets: Mapping[str, TargetFacts] = field(default_factory=dict)
    reference: int | None = None
    signal: str = "validation"
    matched_runs: bool = False
    floor_assumed: bool = False
    information: tuple[str, ...] = ()
    command: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", MappingProxyType(dict(self.targets)))

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"targets": dict(self.targets)}  # a mapping proxy cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.__post_init__()

    def to_json(self) -> dict[str, Any]:
        """Return the facts as plain lists, dicts and numbers.

        An infinite bound becomes None. Facts that were added later are left out if they have their default, so that
        tables imported before keep their hash.
        """
        record = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}
        record["targets"] = {target: asdict(known) for target, known in self.targets.items()}
        record["valid_range"] = [bound if math.isfinite(bound) else None for bound in self.valid_range]
        for name, default in LATER_FACTS.items():
            if record[name] == default:
                del record[name]
        return record

    def target(self, fidelity: float) -> str:
        """Return the target of the search signal at a fidelity, such as ``validation@200``."""
        return str(Target(self.signal, fidelity))


LATER_FACTS: dict[str, object] = {
    "reference": None,
    "signal": "validation",
    "matched_runs": False,
    "floor_assumed": False,
    "information": [],
    "command": "",
}
"""Facts that were added to stored tables later, and their defaults."""


class Target(NamedTuple):
    """A reported error: the validation or test error at a fidelity, of the benchmark searched or of another one.

    Attributes
    ----------
    kind : str
        ``validation``, ``test``, or another name that the benchmark gives.
    fidelity : float or None
        In epochs. None if the text names no fidelity.
    benchmark : str or None
        The benchmark whose error it is. None for the benchmark that is searched.
    """

    kind: str
    fidelity: float | None
    benchmark: str | None = None

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read ``validation@200``, or ``nasbench201-cifar100/test@200`` for another benchmark.

        Raises
        ------
        ValueError
            If the part after ``@`` is not a number.
        """
        benchmark, _, name = text.rpartition("/")
        kind, at, epochs = name.partition("@")
        try:
            fidelity = float(epochs) if at else None
        except ValueError:
            raise ValueError(
                f"expected a target KIND@EPOCHS or BENCHMARK/KIND@EPOCHS, such as validation@200, got {text!r}"
            ) from None
        return cls(kind, fidelity, benchmark or None)

    @property
    def name(self) -> str:
        """The target as its own benchmark lists it, such as ``validation@200``."""
        return self.kind if self.fidelity is None else f"{self.kind}@{self.fidelity:g}"

    def __str__(self) -> str:
        """Write the target as :meth:`parse` reads it."""
        return f"{self.benchmark}/{self.name}" if self.benchmark else self.name


class Observation(NamedTuple):
    """Result of one training run.

    Attributes
    ----------
    error : float
        In the benchmark's unit.
    seconds : float
        Cumulative training time from scratch to that fidelity [s]. NaN if no times were recorded.
    repeat : int
        Number of the recorded repeat. -1 for the mean over all repeats.
    """

    error: float
    seconds: float
    repeat: int


class Benchmark(Protocol):
    """A search space with recorded or modelled networks. Its queries have no side effects."""

    facts: Facts
    space: SearchSpace

    def observe(self, architecture: Architecture, fidelity: float, draw: int | None = None) -> Observation:
        """Look up one network: the repeat selected by the non-negative integer ``draw``, or the mean for None."""
        ...

    def validation_seconds(self, architecture: Architecture, fidelity: float) -> float:
        """Return the seconds of one validation pass."""
        ...

    def errors(self, genotypes: ArrayLike, fidelity: float) -> NDArray[np.float64]:
        """Return the errors of all repeats, ``(n, repeats)``; NaN where fewer were recorded."""
        ...

    def repeats(self, genotypes: ArrayLike, fidelity: float) -> NDArray[np.int64]:
        """Return the number of repeats of each architecture that can be drawn, ``(n,)``."""
        ...

    def seconds(self, genotypes: ArrayLike, fidelity: float) -> NDArray[np.float64]:
        """Return the mean cumulative training time to a fidelity, ``(n,)`` [s]; NaN if no times were recorded."""
        ...

    def true_errors(self, genotypes: ArrayLike, target: str) -> NDArray[np.float64]:
        """Return the mean error over the recorded repeats, ``(n,)``."""
        ...
