"""Who takes part: algorithms from the registry, a file, a module or a program."""
