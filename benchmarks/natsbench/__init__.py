"""NATS-Bench."""
