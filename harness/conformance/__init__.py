"""Checks of the contracts that every algorithm, search space and benchmark must keep."""
