"""Manifests: a written one is read back, and any other is rejected by a message that names the place."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import BenchmarkError, Facts, TargetFacts, registry
from benchmarks.storage.manifest import Manifest, check_name, manifest_text
from benchmarks.storage.tables import MANIFEST, data_folder, open_table, read_manifest, verify_table, write_table


@pytest.fixture(scope="module", autouse=True)
def imported(tmp_path_factory):
    """Import the tiny table, and return its manifest."""
    folder = tmp_path_factory.mktemp("manifests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGRETTA_DATA", str(folder / "data"))
        for name, reference in tiny.SPACES.items():
            patch.setitem(registry.SPACES, name, reference)
        write_table(tiny.table(folder))
        yield tiny.read_manifest()


@pytest.fixture(autouse=True)
def restored(imported):
    yield
    tiny.write_manifest(imported)


def put(*place_and_value):
    """Return an edit of a manifest that puts a value at a place."""
    *place, last, value = place_and_value

    def edit(manifest):
        for step in place:
            manifest = manifest[step]
        manifest[last] = value

    return edit


ILL_TYPED = {
    "format 1": (put("format", 1), r"expected format 2, which this version reads, got 1"),
    "format of text": (put("format", "2"), r"expected format 2, which this version reads, got '2'"),
    "no format": (lambda m: m.pop("format"), r"format: field required"),
    "an unknown key": (put("colour", "red"), r"colour: extra inputs are not permitted, got 'red'"),
    "no arrays": (lambda m: m.pop("arrays"), r"arrays: field required"),
    "arrays of numbers": (put("arrays", [1]), r"arrays\.0: .*got 1"),
    "arrays of null": (put("arrays", None), r"arrays: .*got None"),
    "no sha256": (lambda m: m["arrays"][0].pop("sha256"), r"arrays\.0\.sha256: field required"),
    "invalid sha256": (put("arrays", 0, "sha256", "0" * 63), r"arrays\.0\.sha256: string should match"),
    "a path that climbs out": (put("arrays", 0, "file", "../../outside.npy"), r"arrays\.0\.file: string should match"),
    "an absolute path": (put("arrays", 0, "file", "/tmp/outside.npy"), r"arrays\.0\.file: string should match"),
    "an unknown kind": (put("arrays", 0, "kind", "secrets"), r"arrays\.0\.kind: .*got 'secrets'"),
    "a shape of text": (put("arrays", 0, "shape", ["8", 2]), r"arrays\.0\.shape\.0: .*got '8'"),
    "facts of null": (put("facts", None), r"facts: .*got None"),
    "facts in a list": (put("facts", [1, 2]), r"facts: .*got \[1, 2\]"),
    "an unknown fact": (put("facts", "colour", "red"), r"facts\.colour: .*got 'red'"),
    "a missing fact": (lambda m: m["facts"].pop("licence"), r"facts\.licence: "),
    "a title that is a number": (put("facts", "title", 5), r"facts\.title: input should be a valid string, got 5"),
    "fidelities of text": (put("facts", "fidelities", ["1", 9]), r"facts\.fidelities\.0: .*got '1'"),
    "a number in place of a boolean": (put("facts", "continuable", 1), r"facts\.continuable: .*got 1"),
    "a range of one": (put("facts", "valid_range", [0.0]), r"facts\.valid_range\.1: "),
    "a range of texts": (put("facts", "valid_range", ["0", 1]), r"facts\.valid_range\.0: .*got '0'"),
    "provenance": (put("facts", "provenance", "guessed"), r"facts\.provenance: .*'recorded'.*got 'guessed'"),
    "targets of numbers": (put("facts", "targets", [1]), r"facts\.targets: .*got \(1,\)"),
    "an optimum of text": (
        put("facts", "targets", "test@9", "optimum", "low"),
        r"facts\.targets\.test@9\.optimum: .*got 'low'",
    ),
    "many mistakes": (put("arrays", [1, 2, 3, 4, 5]), r"arrays\.2: .*; and 2 more"),
}

CHANGED = {
    "a unit": put("facts", "unit", "percent"),
    "a title": put("facts", "title", "Better"),
    "an optimum": put("facts", "targets", "validation@9", "optimum", 0.01),
    "a floor": put("facts", "targets", "validation@9", "floor", 0.5),
    "whether training can be resumed": put("facts", "continuable", True),
    "the share of validation": put("facts", "validation_share", 0.5),
    "the data hash": put("facts", "data_hash", "0" * 64),
    "the order of the arrays": lambda m: m["arrays"].reverse(),
    "two keys swapped": lambda m: (m["arrays"][0].update(key="9"), m["arrays"][1].update(key="1")),
    "not a number": put("facts", "targets", "validation@9", "floor", math.nan),
}

CONTRADICTIONS = {
    "a training report of a recorded table": (
        lambda m: (m.update(training={}), m["facts"].update(provenance="recorded")),
        r"facts\.provenance: expected surrogate for a fitted model, got recorded",
    ),
    "an unknown space": (put("facts", "space", "nasbench909"), r"unknown space 'nasbench909'"),
    "a larger space": (
        put("facts", "space", "nasbench201"),
        r"has shape \(8, 1\), but space 'nasbench201' needs arrays of 15625 rows",
    ),
    "descending fidelities": (
        put("facts", "fidelities", [9.0, 1.0]),
        r"facts\.fidelities: expected ascending numbers above 0, got \(9\.0, 1",
    ),
    "no fidelities": (put("facts", "fidelities", []), r"facts\.fidelities: .*got \(\)"),
    "a negative fidelity": (
        put("facts", "fidelities", [-1.0, 9.0]),
        r"facts\.fidelities: expected ascending numbers above 0, got",
    ),
    "another fidelity": (put("facts", "fidelities", [1.0, 10.0]), r"facts\.targets: validation@10 is missing"),
    "no target": (lambda m: m["facts"]["targets"].pop("validation@1"), r"facts\.targets: validation@1 is missing"),
    "no seconds": (put("facts", "has_seconds", False), r"arrays: expected one for each of .*, got .*'seconds'"),
    "a missing array": (lambda m: m["arrays"].pop(), r"arrays: expected one for each of "),
    "an array twice": (lambda m: m["arrays"].append(m["arrays"][0]), r"arrays: expected one for each of "),
    "no repeats": (put("arrays", 0, "shape", [8, 0]), r"arrays: errors .* has shape \(8, 0\)"),
    "a flat array of errors": (put("arrays", 0, "shape", [8]), r"arrays: errors .* has shape \(8,\)"),
    "seconds of three repeats": (put("arrays", 2, "shape", [8, 3]), r"arrays: seconds .* has shape \(8, 3\)"),
    "another shape than the file": (
        put("arrays", 0, "shape", [8, 2]),
        r"\.npy: expected float64 of shape \(8, 2\), got float64 of shape \(8, 1\)",
    ),
    "another optimum than the file": (
        put("facts", "targets", "validation@9", "optimum", 0.01),
        r"the lowest error is .*, but the manifest states 0\.01",
    ),
    "a missing file": (put("arrays", 0, "file", "errors-x.npy"), r"errors-x\.npy: the file is missing"),
}


WAY_OUT = "Replace it (`regretta data import --replace` or `regretta surrogate fit --replace`), or delete the folder"


def rejected(message):
    for look in (open_table, verify_table):
        with pytest.raises(BenchmarkError, match=message) as caught:
            look("mine")
        assert "mine is damaged: " in str(caught.value)
        assert WAY_OUT in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


class TestRejected:
    @pytest.mark.parametrize("case", ILL_TYPED)
    def test_an_invalid_manifest_is_rejected_and_the_message_names_the_place(self, case):
        edit, message = ILL_TYPED[case]
        manifest = tiny.read_manifest()
        edit(manifest)
        tiny.write_manifest(manifest)
        rejected(rf"manifest\.json: .*{message}")

    @pytest.mark.parametrize("case", CHANGED)
    def test_every_changed_fact_is_found(self, case):
        manifest = tiny.read_manifest()
        CHANGED[case](manifest)
        tiny.write_manifest(manifest)
        rejected(r"manifest\.json: (facts or arrays were changed after the import|.*not JSON compliant)")

    @pytest.mark.parametrize("case", CONTRADICTIONS)
    def test_facts_that_contradict_the_arrays_are_rejected_despite_a_matching_hash(self, case):
        edit, message = CONTRADICTIONS[case]
        manifest = tiny.read_manifest()
        edit(manifest)
        tiny.sign(manifest)
        tiny.write_manifest(manifest)
        rejected(message)

    @pytest.mark.parametrize(
        "content",
        [b"", b"\xff\xfe\x00", b"null", b"[]", b"7", b"{", b"[" * 100_000, b'{"facts":' * 100_000, b'{"format": NaN}',
         b'{"format": ' + b"9" * 5000 + b"}", b'{"format": 1e999}', b'"\\ud800"'],
        ids=lambda content: repr(content[:12]),
    )  # fmt: skip
    def test_arbitrary_bytes_raise_no_other_error(self, content):
        (data_folder() / "mine" / MANIFEST).write_bytes(content)
        rejected(r"manifest\.json: ")


class TestHash:
    def test_it_is_the_hash_of_the_canonical_json_for_any_order_and_white_space(self, imported):
        signed = json.loads(json.dumps(imported))
        tiny.sign(signed)
        assert signed == imported
        shuffled = {key: imported[key] for key in reversed(imported)}
        shuffled["facts"] = {key: imported["facts"][key] for key in sorted(imported["facts"])}
        (data_folder() / "mine" / MANIFEST).write_text(json.dumps(shuffled, indent=7))
        verify_table("mine")


class TestNames:
    @pytest.mark.parametrize("name", ["a", "9", "nasbench201-cifar10", "A.b_c-D", "a" * 80])
    def test_valid_names_are_accepted(self, name):
        check_name(name)

    @pytest.mark.parametrize("name", ["", "*", "a\n", "\n", "a/b", ".a", "..", "-a", "_a", "a b", "ä", "a" * 81, "a\0"])
    def test_all_other_names_are_rejected(self, name):
        with pytest.raises(
            BenchmarkError, match=r"cannot be the name of a benchmark: use at most 80 letters, digits, '-', '_' and"
        ):
            check_name(name)


numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
bounds = st.tuples(numbers | st.just(-math.inf), numbers | st.just(math.inf))
targets = st.dictionaries(texts, st.builds(TargetFacts, numbers, numbers, numbers), max_size=2)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    st.builds(
        Facts,
        **dict.fromkeys(("name", "title", "dataset", "metric", "unit", "licence", "citation", "source"), texts),
        valid_range=bounds,
        repeats=st.tuples(st.integers(1, 9), st.integers(1, 9)),
        validation_share=numbers | st.none(),
        targets=targets,
        notes=st.lists(texts, max_size=2).map(tuple),
    )
)
def test_any_facts_survive_a_manifest(facts):
    table = read_manifest("mine")
    known = {name: getattr(table.facts, name) for name in ("space", "fidelities", "has_seconds")}
    facts = replace(facts, **known, targets=facts.targets | table.facts.targets)
    arrays = [*table.arrays, *(table.arrays[-1].model_copy(update={"key": target}) for target in facts.targets)]
    arrays = list({(entry.kind, entry.key): entry for entry in arrays}.values())
    read = Manifest.read(manifest_text(facts, arrays).encode())
    assert read.facts == replace(facts, data_hash=read.facts.data_hash)
    assert list(read.arrays) == arrays
