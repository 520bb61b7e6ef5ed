"""HpBandSter's BOHB."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Interval

from algorithms.adapters.base import PROPOSALS, Choices, check_choices, too_few_valid
from algorithms.adapters.isolation import Isolation, import_apart
from algorithms.base import Pause, Query
from algorithms.halving import SynchronousHalving
from benchmarks.spaces.base import Architecture, SearchSpace


@dataclass
class HpBandSterBOHB(SynchronousHalving):
    """BOHB with the unchanged model of its authors' library HpBandSter (Falkner et al. 2018, arXiv 1807.01774).

    Every architecture for a new network comes from HpBandSter's config generator, which learns from every result. The
    rungs and their sizes are those of :class:`~algorithms.hyperband.Hyperband`. With several simulated workers, the
    model knows only finished results, and a fraction of random proposals keeps running ones apart, as in the library.

    Differences from the library: a rung waits for the last of its networks, whereas HpBandSter would begin another
    bracket; rungs are fidelities that the benchmark recorded; an internal error of the generator ends the trial,
    whereas HpBandSter continues with a random configuration; combinations that are not architectures are drawn again.

    Parameters
    ----------
    eta : float
        Reduction factor: about one in ``eta`` networks of a rung is promoted.
    candidates : int
        Candidates per proposal; HpBandSter's ``num_samples``.
    random_fraction : float
        Probability that a random architecture is proposed instead.
    minimum_bandwidth : float
    top : int
        Percentage of the results that counts as good; HpBandSter's ``top_n_percent``.
    """

    version: ClassVar[int] = 1
    reference: ClassVar[str] = "Falkner et al. 2018, arXiv 1807.01774"
    bitwise_stable: ClassVar[bool] = False
    library: ClassVar[str] = "hpbandster"

    candidates: Annotated[int, Ge(1)] = 64
    random_fraction: Annotated[float, Interval(ge=0.0, le=1.0)] = 1 / 3
    minimum_bandwidth: Annotated[float, Gt(0.0)] = 1e-3
    top: Annotated[int, Interval(gt=0, lt=100)] = 15

    def check_fits(self, space: SearchSpace, fidelities: Sequence[float], error_range: tuple[float, float]) -> None:
        super().check_fits(space, fidelities, error_range)
        check_choices(space, self.library)

    def begin(self) -> None:
        super().begin()
        self._choices = Choices(self.space)
        import_apart(self.library)
        self._isolation = Isolation(int(self.rng.integers(2**31)))
        self._configurations: dict[Architecture, dict[str, Any]] = {}
        with self._isolation.inside():
            self._generator = self._make_generator(int(self.rng.integers(2**31)))

    def _make_generator(self, seed: int) -> Any:
        from ConfigSpace import CategoricalHyperparameter, ConfigurationSpace
        from hpbandster.optimizers.config_generators.bohb import BOHB

        space = ConfigurationSpace(seed=seed)
        space.add([CategoricalHyperparameter(name, range(count)) for name, count in self._choices.counts.items()])
        return BOHB(
            space,
            top_n_percent=self.top,
            num_samples=self.candidates,
            random_fraction=self.random_fraction,
            min_bandwidth=self.minimum_bandwidth,
            logger=_Strict("hpbandster"),
        )

    def ask(self) -> Query | Pause:
        with self._isolation.inside():
            return super().ask()

    def propose(self) -> Architecture:
        """Return an architecture for a new network, from the generator."""
        for _ in range(PROPOSALS):
            # The generator requires a fidelity, but does not use it.
            configuration, _ = self._generator.get_config(self.fidelities[-1])
            architecture = self._choices.architecture(configuration)
            if self.space.is_valid(architecture):
                self._configurations[architecture] = configuration
                return architecture
        raise too_few_valid("hpbandster", self.space)

    def tell(self, query: Query, observed_error: float) -> None:
        super().tell(query, observed_error)
        kwargs = {"budget": query.fidelity, "config": self._configurations[query.architecture]}
        job = SimpleNamespace(result={"loss": observed_error}, kwargs=kwargs, exception=None, timestamps={})
        with self._isolation.inside():
            self._generator.new_result(job)


class _Strict(logging.Logger):
    """A silent logger that raises an error where the generator would log it and continue at random."""

    def __init__(self, name: str) -> None:
        super().__init__(name, logging.CRITICAL)

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Raise an error if the message reports a failure. Other warnings concern densities that are not finite."""
        if str(msg).startswith(("Sampling based optimization", "Error (")):
            raise RuntimeError(f"HpBandSter failed: {str(msg) % args}")
