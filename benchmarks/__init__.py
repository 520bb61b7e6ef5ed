"""Search spaces, tables, surrogates and their data."""

from benchmarks.benchmark import Benchmark, Facts, Observation, Target, TargetFacts
from benchmarks.errors import BenchmarkError, DataAbsentError, UnknownNameError, unknown_name
from benchmarks.loading import benchmark_names, load_benchmark
from benchmarks.registry import BENCHMARKS
from benchmarks.spaces.base import Architecture, ChoiceSpace, Genotypes, SearchSpace

__all__ = [
    "BENCHMARKS",
    "Architecture",
    "Benchmark",
    "BenchmarkError",
    "ChoiceSpace",
    "DataAbsentError",
    "Facts",
    "Genotypes",
    "Observation",
    "SearchSpace",
    "Target",
    "TargetFacts",
    "UnknownNameError",
    "benchmark_names",
    "load_benchmark",
    "unknown_name",
]
