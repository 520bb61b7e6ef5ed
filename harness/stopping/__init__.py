"""Runs that add trials until it is decided which algorithm is better."""
