"""Personal data in text, found by rules: one module for each family of it."""
