"""Experiment files, resolved into cells."""
