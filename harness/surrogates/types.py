"""The structure of reports on surrogates: frozen records, which convert to the JSON that commands print and save."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Agreement:
    """Agreement of predictions with records. None where a figure is undefined, as for a constant.

    Attributes
    ----------
    r2 : float or None
        Coefficient of determination.
    kendall, spearman : float or None
        Rank correlations: Kendall's tau-b and Spearman's rho.
    sparse_kendall : float or None
        Kendall's tau-b with rounded predictions, which ignores the order of nearly equal predictions (Yu et al. 2020,
        arXiv 1902.08142; as in Zela et al. 2022).
    mean_absolute_error : float
        In the benchmark's unit.
    """

    r2: float | None
    kendall: float | None
    sparse_kendall: float | None
    spearman: float | None
    mean_absolute_error: float


@dataclass(frozen=True)
class Calibration:
    """Agreement of predicted standard deviations with the errors of the predictions.

    Attributes
    ----------
    coverage_50, coverage_80, coverage_95 : float
        Fraction of the records within the central normal interval of that level. Calibrated standard deviations give
        the level itself.
    spread_error_spearman : float or None
        Rank correlation of the predicted standard deviations with the absolute errors; None if either is constant.
    """

    coverage_50: float
    coverage_80: float
    coverage_95: float
    spread_error_spearman: float | None


@dataclass(frozen=True)
class Judgement:
    """Predictions for the architectures that a model was not fitted to.

    Attributes
    ----------
    architectures : int
        Architectures left out.
    agreement : Agreement
    epistemic : Calibration
        Of the epistemic standard deviation alone.
    epistemic_and_noise : Calibration or None
        Of the epistemic standard deviation and the noise of the recorded means; None if the noise is unknown.
    """

    architectures: int
    agreement: Agreement
    epistemic: Calibration
    epistemic_and_noise: Calibration | None

    def to_json(self) -> dict[str, Any]:
        """Return a flat record, without the calibration that is unknown."""
        record = {"architectures": self.architectures, **asdict(self.agreement), "epistemic": asdict(self.epistemic)}
        if self.epistemic_and_noise:
            record["epistemic_and_noise"] = asdict(self.epistemic_and_noise)
        return record


@dataclass(frozen=True)
class NoiseLevels:
    """Standard deviation of one training run, by mean error; both in the benchmark's unit."""

    errors: list[float]
    sd: list[float]


@dataclass(frozen=True)
class TrainingReport:
    """How well a surrogate predicts architectures, and regions of the space, that it was not fitted to.

    Attributes
    ----------
    table, data_hash : str
        The recorded table, and the hash of its data.
    architectures : int
        Architectures that the surrogate was fitted to.
    model : str
    encodings : list of str
    seed : int
    target, unit : str
        The error that is judged, and its unit.
    precision : float
        Step of the sparse Kendall tau, in that unit.
    noise : NoiseLevels or None
        None if no architecture has several runs.
    held_out : Judgement
        Without a random fifth of the architectures.
    regions : list of Judgement
        Without each of the space's regions in turn.
    versions : dict
        Versions of the libraries used, by name.
    """

    table: str
    data_hash: str
    architectures: int
    model: str
    encodings: list[str]
    seed: int
    target: str
    unit: str
    precision: float
    noise: NoiseLevels | None
    held_out: Judgement
    regions: list[Judgement]
    versions: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, dicts and numbers."""
        return vars(self) | {
            "noise": self.noise and asdict(self.noise),
            "held_out": self.held_out.to_json(),
            "regions": [region.to_json() for region in self.regions],
        }


@dataclass(frozen=True)
class CurveComparison:
    """Mean curves of one algorithm on a table and on its surrogate, in the benchmark's unit.

    Attributes
    ----------
    distance : float
        Mean absolute difference of the two curves, over all evaluations.
    end_table, end_surrogate : float
        Mean errors at the end.
    standard_error : float
        Standard error of ``end_table``.
    """

    distance: float
    end_table: float
    end_surrogate: float
    standard_error: float


@dataclass(frozen=True)
class Orders:
    """Labels of the algorithms on a table and on its surrogate, from the lowest mean error at the end."""

    table: list[str]
    surrogate: list[str]


@dataclass(frozen=True)
class TrajectoryComparison:
    """Algorithms on a table and on its surrogate.

    Attributes
    ----------
    algorithms : dict of CurveComparison
        By label.
    order : Orders
    kendall : float
        Kendall's tau-b of the mean errors at the end on both.
    """

    algorithms: dict[str, CurveComparison]
    order: Orders
    kendall: float


@dataclass(frozen=True)
class Distances:
    """Mean absolute differences from the mean of an architecture's other runs, in the benchmark's unit.

    Attributes
    ----------
    single_run : float
        Of one recorded run.
    fitted : float
        Of a surrogate fitted to the single runs of all architectures.
    held_out : float
        Of surrogates fitted in five folds, for the architectures that each was not fitted to.
    """

    single_run: float
    fitted: float
    held_out: float


@dataclass(frozen=True)
class SingleRunComparison:
    """Single runs, and surrogates fitted to them, compared with the mean of the other runs of an architecture.

    Attributes
    ----------
    architectures : int
        Architectures with several runs.
    single_run, fitted, held_out : float
        See :class:`Distances`.
    better_half : Distances
        Over the architectures whose mean error is at most the median.
    """

    architectures: int
    single_run: float
    fitted: float
    held_out: float
    better_half: Distances


@dataclass(frozen=True)
class LeftOut:
    """Predictions for the architectures that one algorithm searched, by a model of what the other algorithms searched.

    Attributes
    ----------
    fitted : int
        Architectures that the model was fitted to.
    tested : int
        Architectures of the left-out algorithm that the model was not fitted to.
    shared : float
        Share of the left-out algorithm's architectures that another algorithm searched as well.
    trajectories : Agreement
        Of the model fitted to the other algorithms' architectures.
    random : Agreement
        Of a model fitted to as many random architectures, on the same tested ones.
    difference : float or None
        Kendall's tau of the former minus that of the latter.
    difference_low, difference_high : float or None
        95 % interval of the difference, by a bootstrap over the tested architectures.
    """

    fitted: int
    tested: int
    shared: float
    trajectories: Agreement
    random: Agreement
    difference: float | None
    difference_low: float | None
    difference_high: float | None


@dataclass(frozen=True)
class ParameterFreeLevel:
    """Predictions for the architectures with the same number of parameter-free operations.

    Attributes
    ----------
    operations : int
        Number of positions without weights to train: no operation, a skip connection, or a pooling.
    architectures : int
        Architectures that the model was not fitted to.
    fitted : int
        Architectures that it was fitted to.
    error, predicted : float
        Means of the recorded and of the predicted errors, in the benchmark's unit.
    mean_absolute_error : float
        In the same unit.
    kendall : float or None
        Kendall's tau-b of recorded and predicted errors; None if it is undefined.
    """

    operations: int
    architectures: int
    fitted: int
    error: float
    predicted: float
    mean_absolute_error: float
    kendall: float | None


@dataclass(frozen=True)
class Evaluation:
    """All tests of surrogates on one table.

    Attributes
    ----------
    table, title, unit : str
        The table, with its title and the unit of its errors.
    model : str
    train : int or None
        Architectures that the surrogate of the first test is fitted to; None for all.
    trials, evaluations : int
        Trials per algorithm of the first test, and evaluations per trial.
    seed : int
    trajectories : TrajectoryComparison
        The first test.
    single_runs : SingleRunComparison or None
        The second test; None if no architecture has two runs.
    left_out : dict of LeftOut
        The third test, by the left-out algorithm.
    parameter_free : list of ParameterFreeLevel or None
        The fourth test, by the number of parameter-free operations; None if the space has no such operations.
    """

    table: str
    title: str
    unit: str
    model: str
    train: int | None
    trials: int
    evaluations: int
    seed: int
    trajectories: TrajectoryComparison
    single_runs: SingleRunComparison | None
    left_out: dict[str, LeftOut]
    parameter_free: list[ParameterFreeLevel] | None
