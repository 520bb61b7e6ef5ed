"""Entries of a race: algorithms from the registry, a file, a module or a program."""
