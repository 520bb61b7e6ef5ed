"""Anytime measures of a study: incumbents, regret, runtimes, sample efficiency."""
