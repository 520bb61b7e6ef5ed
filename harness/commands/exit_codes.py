"""Exit codes of the command line. They are the same for every command."""

OK = 0
REGRESSION = 1
"""The results of an algorithm changed without a new version, or got worse; or a check failed."""
USAGE = 2
"""Wrong configuration or usage."""
TRIALS = 3
"""Trials failed or are missing."""
INCOMPARABLE = 4
"""Nothing can be compared."""
INTERRUPTED = 130
"""Interrupted. The same command continues."""
