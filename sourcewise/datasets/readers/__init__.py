"""One module a way that a dataset can be laid out."""
