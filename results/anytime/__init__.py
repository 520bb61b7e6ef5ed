"""Anytime measures: incumbents, regret, runtimes and sample efficiency."""
