"""Experiment files, and their resolution into cells."""
