"""Videos as training data: reading, folders, dense flow, shards, and flow extraction for a large set."""
