"""One module a bundled dataset, synthesised on demand. A dataset file names it as `make`.

Every module has `make(folder)`, which writes the recordings and their annotations to a folder: the same bytes each
time, on any number of cores.
"""
