"""Models that several algorithms fit."""
