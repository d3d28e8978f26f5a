"""A picture with the depth of each pixel, seen by a moving camera: parallax, occlusion, and what is behind objects."""
