"""Shared utilities: pictures, sizes, files, errors, progress and interrupts."""
