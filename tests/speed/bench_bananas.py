"""A trial of BANANAS, with the paper's ensemble trained in numpy at once, and with five of scikit-learn's perceptrons.

The loops are the same; scikit-learn's networks have the same layers, epochs, batches and learning rate, but squared
loss, for it has no other. Printed is the ratio of the times of the same trials, the two in turn.
"""

from __future__ import annotations

import warnings
from time import perf_counter

import numpy as np
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from algorithms.bananas import Bananas
from algorithms.mlp_ensemble import MLPEnsemble
from algorithms.predictors import PREDICTORS, Features, Prediction, Predictor, Values, standardised
from benchmarks import load_benchmark
from harness.protocols import Budget, Protocol
from harness.trial import run_trial

LIMIT = 8.0
TRIALS, EVALUATIONS = 3, 150

benchmark = load_benchmark("nasbench201-cifar10")
protocol = Protocol(budget=Budget(evaluations=EVALUATIONS), fidelities=(200.0,), report=("validation@200",))


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


def seconds(reference: str, trial: int) -> tuple[float, float]:
    """Real time of a trial with the predictor at ``module:class`` [s], and the true error of its last incumbent."""
    kept = PREDICTORS["mlp_ensemble"]
    PREDICTORS["mlp_ensemble"] = reference
    began = perf_counter()
    record = run_trial(Bananas(), "bananas", benchmark, protocol, 1, trial)
    PREDICTORS["mlp_ensemble"] = kept
    return perf_counter() - began, float(record.columns["incumbent_error:validation@200"][-1])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        ours = [seconds(PREDICTORS["mlp_ensemble"], trial) for trial in range(TRIALS)]
        theirs = [seconds("__main__:Regressors", trial) for trial in range(TRIALS)]
    times = np.array([[pair[0] for pair in runs] for runs in (ours, theirs)])
    ends = np.array([[pair[1] for pair in runs] for runs in (ours, theirs)]).mean(axis=1)
    ratio = float(np.median(times[1] / times[0]))
    print(f"numpy {times[0].min():.2f} s, scikit-learn {times[1].min():.1f} s a trial of {EVALUATIONS}")
    print(f"true error at the end {ends[0]:.4f} and {ends[1]:.4f} in the mean of {TRIALS} trials")
    print(f"ratio {ratio:.1f} in the median of {TRIALS} trials; wanted is at least {LIMIT}")
