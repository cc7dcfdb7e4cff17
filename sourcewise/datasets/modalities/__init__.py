"""One module a kind of corpus: what stands in data/clips, and how it comes from the dataset's files."""
