"""One module an embedded corpus, synthesised where it is needed."""
