"""What makes templates, pictures and documentation."""
