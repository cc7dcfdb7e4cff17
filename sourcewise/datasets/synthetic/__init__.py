"""One module a bundled dataset, synthesised where it is needed. A dataset file names it as `make`.

Every module has `make(folder)`, which writes the recordings, and whatever tells their labels, to a folder: the same
bytes each time, on any number of cores.
"""
