"""How work is done: in which order, on how many threads or machines, what is cached, and its progress."""
