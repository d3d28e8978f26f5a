"""Benchmarks as they are published: how each lays out its files, and what it measures. One file each."""
