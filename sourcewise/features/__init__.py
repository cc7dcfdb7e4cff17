"""One module a representation: what `extract@<name>` makes of each clip."""
