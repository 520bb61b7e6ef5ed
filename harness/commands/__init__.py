"""The commands: one function per command, which prints and returns an exit code."""
