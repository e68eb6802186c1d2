"""What the papers show."""
