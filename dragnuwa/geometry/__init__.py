"""Geometry of the plane, without pictures: how things bend."""
