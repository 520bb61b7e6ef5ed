"""What is searched: spaces, tables, surrogates and their data."""

from benchmarks.benchmark import Benchmark, Facts, Observation, TargetFacts, target_name
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
    "TargetFacts",
    "UnknownNameError",
    "benchmark_names",
    "load_benchmark",
    "target_name",
    "unknown_name",
]
