"""One module a classifier; names with an underscore are what a family of them shares."""
