"""The parts of the extractive summariser: reading, wording, worth, choice, and facts."""
