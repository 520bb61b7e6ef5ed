"""The gate: compare snapshots of results with a baseline."""
