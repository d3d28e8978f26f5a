"""Training data: where clips come from, and the conditions that each is given."""
