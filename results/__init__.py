"""What was found: records, store, curves, statistics, gate. Imports nothing of ours."""
