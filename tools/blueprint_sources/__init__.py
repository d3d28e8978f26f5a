"""Descriptions of the blueprints, one file each."""
