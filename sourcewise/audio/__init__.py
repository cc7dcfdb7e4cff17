"""Sound in, arrays out: no paths, no parameters, no labels."""
