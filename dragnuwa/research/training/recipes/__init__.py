"""Recipes: what is trained, and how. One folder for each."""
