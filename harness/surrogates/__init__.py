"""Surrogates fitted to recorded tables, and how good they are."""
