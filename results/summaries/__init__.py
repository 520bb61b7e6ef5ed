"""Summaries of a study: tables of measures, pairwise tests and claims over benchmarks."""
