"""Scoring of recorded searches: their choices, what these are made of, and what the shared weights say of them."""
