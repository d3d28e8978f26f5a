"""Descriptions of the templates, and the parts that several share."""
