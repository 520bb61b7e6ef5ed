"""Summaries of a study: measures, pairs of algorithms, what may be claimed."""
