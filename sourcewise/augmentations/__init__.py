"""One module an effect that a recipe of `augment` can name."""
