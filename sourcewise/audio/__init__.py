"""Sound in, arrays out: no paths and no labels. `framing` alone holds the settings that several features share."""
