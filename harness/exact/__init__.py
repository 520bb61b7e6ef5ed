"""Expectations without simulation: random search, local search without memory, and brackets of successive halving."""
