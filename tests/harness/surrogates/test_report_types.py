"""The records of reports become the JSON that manifests and commands hold."""

from __future__ import annotations

import dataclasses

from harness.surrogates.types import Agreement, Calibration, Judgement, NoiseLevels, TrainingReport

AGREEMENT = Agreement(0.5, 0.4, 0.3, 0.6, 0.01)
CALIBRATION = Calibration(0.5, 0.8, 0.95, None)


def report(**changes):
    judged = Judgement(60, AGREEMENT, CALIBRATION, CALIBRATION)
    plain = Judgement(60, AGREEMENT, CALIBRATION, None)
    made = TrainingReport(
        "table", "0" * 64, 300, "ridge", ["path"], 0, "validation@200", "fraction", 0.001, None, judged, [plain], {}
    )
    return dataclasses.replace(made, **changes)


def test_the_keys_of_a_training_report():
    record = report().to_json()
    assert list(record) == [field.name for field in dataclasses.fields(TrainingReport)]
    figures = ["architectures", "r2", "kendall", "sparse_kendall", "spearman", "mean_absolute_error", "epistemic"]
    assert list(record["held_out"]) == [*figures, "epistemic_and_noise"]
    assert [list(region) for region in record["regions"]] == [figures]
    assert list(record["held_out"]["epistemic"]) == [
        "coverage_50",
        "coverage_80",
        "coverage_95",
        "spread_error_spearman",
    ]


def test_noise_is_null_or_two_lists():
    assert report().to_json()["noise"] is None
    assert report(noise=NoiseLevels([0.1], [0.01])).to_json()["noise"] == {"errors": [0.1], "sd": [0.01]}
