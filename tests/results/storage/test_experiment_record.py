"""``experiment.json`` is checked like an experiment file, whoever wrote it."""

from __future__ import annotations

import json

import pytest

from harness.experiments.resolution import resolve_experiment
from harness.running.runner import run_experiment
from results.storage.experiment_record import EXPERIMENT, read_experiment, unsafe_characters, write_experiment
from results.storage.loading import load
from results.storage.records import ResultsError

RAW = {
    "schema": 1,
    "name": "record",
    "seed": 3,
    "trials": 2,
    "benchmarks": ["synthetic"],
    "budget": {"evaluations": 4},
    "algorithms": {"random_search": {}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("record")
    run_experiment(resolve_experiment(RAW, place), place, jobs=1)
    return place


def unsealed(record):
    return {key: value for key, value in record.items() if key != "seal"}


def cell_with(record, **changes):
    return record | {"cells": [record["cells"][0] | changes]}


def deep(levels):
    return json.loads("[" * levels + "]" * levels)


def written(tmp_path, content):
    (tmp_path / EXPERIMENT).write_text(content)
    return tmp_path


def test_an_edited_floor_is_noticed(folder, tmp_path):
    text = (folder / EXPERIMENT).read_text()
    changed = text.replace('"floor": 0.0', '"floor": 0.1', 1)
    assert changed != text
    with pytest.raises(ResultsError, match=r"does not match its checksum\. Restore it, or move it away"):
        read_experiment(written(tmp_path, changed))


def test_a_file_of_an_older_version_is_read_with_a_warning(folder, tmp_path):
    record = json.loads((folder / EXPERIMENT).read_text())
    place = written(tmp_path, json.dumps(unsealed(record)))
    assert not read_experiment(place)["sealed"]
    assert any(str(place / EXPERIMENT) in note and "without a checksum" in note for note in load(place).notes)
    write_experiment(place, read_experiment(place))
    assert read_experiment(place)["sealed"]


WRONG = {
    "a million million trials": (lambda r: r | {"trials": [0, 10**12]}, "not valid at 'trials.1'"),
    "no trials": (lambda r: r | {"trials": [4, 4]}, "FIRST < LAST"),
    "wrong types": (lambda r: r | {"cells": 3}, "not valid at 'cells'"),
    "6,000 equal cells": (lambda r: r | {"cells": r["cells"] * 6000}, "two cells are 'random_search' on synthetic"),
    "an id that leaves the folder": (lambda r: cell_with(r, id="../../../../etc/passwd"), "not valid at 'cells.0.id'"),
    "a benchmark that leaves it": (lambda r: cell_with(r, benchmark="../../x"), "not valid at 'cells.0.benchmark'"),
    "a name that leaves it": (lambda r: r | {"name": "x/../../ESCAPED"}, "not valid at 'name'"),
    "escape sequences": (lambda r: cell_with(r, label="\x1b]0;owned\x07"), "control character"),
    "reversed text": (lambda r: cell_with(r, label="abc\u202edcb"), "control character"),
    "an infinite optimum": (
        lambda r: json.loads(json.dumps(r).replace('"optimum": 0.05', '"optimum": Infinity, "x": 0.05')),
        "not valid at 'benchmarks.synthetic.targets.validation@27.optimum'",
    ),
    "a target without facts": (
        lambda r: cell_with(r, protocol=r["cells"][0]["protocol"] | {"report": ["test@27"]}),
        "of which it has no facts",
    ),
    "another schema": (lambda r: r | {"schema": 2}, "result schema '2'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_record_is_one_clear_line(folder, tmp_path, name):
    change, message = WRONG[name]
    record = unsealed(json.loads((folder / EXPERIMENT).read_text()))
    with pytest.raises(ResultsError, match=message) as raised:
        read_experiment(written(tmp_path, json.dumps(change(record))))
    assert len(str(raised.value)) < 1000
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    "text", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000, "", "[]", "\x00"]
)
def test_what_is_not_a_record_is_one_clear_line(tmp_path, text):
    with pytest.raises(ResultsError, match=r"cannot be read \(|is not valid at"):
        read_experiment(written(tmp_path, text))


def test_unsafe_characters_are_those_that_a_terminal_obeys():
    assert unsafe_characters("BANANAS, café, 神经, a\nb\tc") == ""
    assert unsafe_characters("a\x1b[31m\x07\u202e\u2066") == "\x1b\x07\u202e\u2066"
