"""How work is done: in which order and on how many threads or machines, what is cached, how far it has come."""
