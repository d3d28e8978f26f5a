"""Videos as training data: reading, folders, shards, and flow extraction for a large set."""
