"""The two types for targets, in `benchmarks` and in `results`, read and write the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import results.target
from benchmarks import Target

KINDS = ("validation", "test", "robustness")
FIDELITIES = st.none() | st.integers(1, 999_999).map(float) | st.sampled_from([0.5, 1e6, 2.25])
BENCHMARKS = st.none() | st.sampled_from(["nasbench201-cifar100", "mine", "a.b"])


@given(st.sampled_from(KINDS), FIDELITIES, BENCHMARKS)
def test_both_types_write_the_same_and_read_it_back(kind, fidelity, benchmark):
    ours, theirs = Target(kind, fidelity, benchmark), results.target.Target(kind, fidelity, benchmark)
    assert str(ours) == str(theirs)
    assert ours == theirs == Target.parse(str(ours)) == results.target.Target.parse(str(ours))
    assert ours.name == theirs.name == str(ours._replace(benchmark=None))


@pytest.mark.parametrize("target", [Target, results.target.Target])
class TestText:
    def test_the_parts(self, target):
        assert target.parse("nasbench201-cifar100/test@200") == ("test", 200.0, "nasbench201-cifar100")
        assert target.parse("validation@12") == ("validation", 12.0, None)
        assert str(target.parse("validation@200.0")) == "validation@200"

    @pytest.mark.parametrize("text", ["validation@", "validation@many", "a/test@1@2"])
    def test_what_is_no_number_is_refused(self, target, text):
        with pytest.raises(ValueError, match=r"expected a target KIND@EPOCHS .*, got"):
            target.parse(text)


def test_the_two_definitions_are_the_same_code():
    import inspect

    assert inspect.getsource(Target) == inspect.getsource(results.target.Target)
