"""The race: simulator, protocols, experiments, runner, command line. Nobody imports it."""
