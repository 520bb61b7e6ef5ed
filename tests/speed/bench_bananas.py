"""A trial of BANANAS, with the paper's ensemble trained in numpy at once, and with five of scikit-learn's perceptrons.

The loops are the same; scikit-learn's networks have the same layers, epochs, batches and learning rate, but squared
loss, for it has no other. Printed is the ratio of the processor times of the same trials, the two in turn, and, from
more and shorter trials, the difference in area under log regret with its interval.
"""

from __future__ import annotations

import warnings
from time import process_time

import numpy as np
from joblib import Parallel, delayed
from scipy import stats
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from algorithms.bananas import Bananas
from algorithms.models import predictors
from algorithms.models.mlp_ensemble import MLPEnsemble
from algorithms.models.predictors import Features, Prediction, Predictor, Values, standardised
from benchmarks import load_benchmark
from harness.simulation.protocols import Budget, Protocol
from harness.simulation.trial import run_trial
from results.storage.records import INCUMBENT

LIMIT = 8.0
TRIALS, EVALUATIONS = 3, 150
MARGIN = 0.1
PAIRS, SHORT = 40, 60
TARGET = "validation@200"
OURS, THEIRS = predictors.PREDICTORS["mlp_ensemble"], "bench_bananas:Regressors"

benchmark = load_benchmark("nasbench201-cifar10")


class Regressors(Predictor):
    """Five of scikit-learn's MLPRegressor."""

    def fit(self, x: Features, y: Values) -> None:
        targets, self._offset, self._scale = standardised(y)
        given = {"max_iter": MLPEnsemble.epochs, "n_iter_no_change": MLPEnsemble.epochs, "tol": 0.0, "alpha": 0.0}
        self._members = [
            MLPRegressor(
                hidden_layer_sizes=MLPEnsemble.hidden, batch_size=min(MLPEnsemble.batch, len(y)), beta_2=0.99,
                learning_rate_init=MLPEnsemble.learning_rate, random_state=self.seed(), **given,
            ).fit(x, targets)
            for _ in range(MLPEnsemble.members)
        ]  # fmt: skip

    def predict(self, x: Features) -> Prediction:
        predicted = self._offset + self._scale * np.array([member.predict(x) for member in self._members])
        return Prediction(predicted.mean(axis=0), predicted.std(axis=0))


def run(predictor: str, evaluations: int, trial: int) -> tuple[float, float]:
    """Processor time of a trial with the predictor at ``module:class`` [s], and its area under log regret [dex]."""
    predictors.PREDICTORS["mlp_ensemble"] = predictor  # of the module: another process has a copy of this script
    protocol = Protocol(budget=Budget(evaluations=evaluations), fidelities=(200.0,), report=(TARGET,))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        began = process_time()
        errors = run_trial(Bananas(), "bananas", benchmark, protocol, 1, trial).columns[INCUMBENT + TARGET]
        seconds = process_time() - began
    facts = benchmark.facts.targets[TARGET]
    at = np.floor(np.geomspace(max(evaluations / 100, 1.0), evaluations, 100)).astype(int) - 1
    return seconds, float(np.log10(np.maximum(errors[at] - facts.optimum, facts.floor)).mean())


if __name__ == "__main__":
    times = np.array(
        [[run(predictor, EVALUATIONS, trial)[0] for predictor in (OURS, THEIRS)] for trial in range(TRIALS)]
    )
    ratio = float(np.median(times[:, 1] / times[:, 0]))
    print(f"numpy {times[:, 0].min():.2f} s, scikit-learn {times[:, 1].min():.1f} s a trial of {EVALUATIONS}")
    print(f"ratio {ratio:.1f} in the median of {TRIALS} trials; limit: at least {LIMIT}")
    jobs = [delayed(run)(predictor, SHORT, trial) for trial in range(PAIRS) for predictor in (OURS, THEIRS)]
    areas = np.array(Parallel(n_jobs=-1)(jobs))[:, 1].reshape(PAIRS, 2)
    gained = areas[:, 1] - areas[:, 0]
    low, high = stats.t.interval(0.95, PAIRS - 1, gained.mean(), stats.sem(gained))
    print(
        f"area under log regret, scikit-learn - numpy: {gained.mean():+.3f} dex [{low:+.3f}, {high:+.3f}] over {PAIRS}"
        f" pairs of {SHORT} evaluations; no worse is a lower bound above -{MARGIN}"
    )
