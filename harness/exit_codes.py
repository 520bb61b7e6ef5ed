"""The exit codes of the command line; the same for every verb."""

OK = 0
USAGE = 2
"""Wrong configuration or usage."""
TRIALS = 3
"""Trials failed or missing."""
INTERRUPTED = 130
"""Interrupted, and resumable."""
