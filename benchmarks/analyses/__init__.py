"""Studies of benchmarks, for ``regretta analyze``: tables of numbers, and sentences about them."""
