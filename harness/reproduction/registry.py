"""The reproductions by name."""

from __future__ import annotations

REPRODUCTIONS = {
    "nasbench201": "harness.reproduction.nasbench201:reproduce",
    "nasbench201-best-of-100": "harness.reproduction.best_of_random:reproduce",
    "random-search-theory": "harness.reproduction.random_search_theory:reproduce",
    "queries-to-optimum": "harness.reproduction.queries_to_optimum:reproduce",
    "local-search": "harness.reproduction.local_search:reproduce",
    "predictor-sampling": "harness.reproduction.predictor_sampling:reproduce",
    "predictor-sampling-nasbench101": "harness.reproduction.predictor_sampling:reproduce_nasbench101",
}
"""By name, ``module:function`` of the function ``reproduce(races) -> Reproduction``. A new reproduction is one file in
this folder and one line here."""
