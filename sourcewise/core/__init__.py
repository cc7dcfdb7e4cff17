"""What everything else may use: parameters, registries, paths, messages, errors, commands."""
