"""What templates.py makes the templates of: one file each, and the parts that several share."""
