"""What a bot may learn from its own conversations, and whether what it learned is better: see the modules."""
