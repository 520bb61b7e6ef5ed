"""The exit codes of the command line; the same for every verb."""

OK = 0
REGRESSION = 1
"""An algorithm's results changed without a new version, or got worse."""
USAGE = 2
"""Wrong configuration or usage."""
TRIALS = 3
"""Trials failed or missing."""
INCOMPARABLE = 4
"""There is nothing that can be compared."""
INTERRUPTED = 130
"""Interrupted, and resumable."""
