"""The gate: snapshots of results, compared with a baseline."""
