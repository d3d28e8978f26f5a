"""The embedded model, trained from nothing."""
