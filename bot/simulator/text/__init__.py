"""Styled text as the Bot API understands it: a plain text and entities that lie over it."""
