"""Tuning: choose hyperparameters on some benchmarks, and judge the choice on others."""
