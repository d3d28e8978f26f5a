"""What the Makefile's set-up, demo, server and tests need."""
