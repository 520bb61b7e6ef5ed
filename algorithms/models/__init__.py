"""Models that several algorithms use."""
