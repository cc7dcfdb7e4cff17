"""Files on the disk: ragged arrays, shards, serialised results, JSON, archives, and digests of all of it."""
