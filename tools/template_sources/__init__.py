"""Descriptions of the templates, one file each, and the parts that several share."""
