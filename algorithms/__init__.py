"""NAS algorithms: one file and one class each, driven by ``ask`` and ``tell``."""

from algorithms.base import Algorithm, Pause, Query
from algorithms.registry import ALGORITHMS, algorithm_class, missing_library

__all__ = ["ALGORITHMS", "Algorithm", "Pause", "Query", "algorithm_class", "missing_library"]
