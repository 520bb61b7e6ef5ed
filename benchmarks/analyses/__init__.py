"""Studies of benchmarks: what their search spaces and errors are like, without any search algorithm's results."""
