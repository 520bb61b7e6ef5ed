"""The error for a question that has no exact answer."""

from __future__ import annotations

from harness.errors import ConfigurationError


class NotExactError(ConfigurationError):
    """An expectation is not known without simulation. The problems say why, and what to change."""
