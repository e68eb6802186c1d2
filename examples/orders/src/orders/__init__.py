"""The orders service: one small module per function, and what they share."""
