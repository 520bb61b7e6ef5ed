"""Reproductions of published and theoretical numbers, one per file."""
