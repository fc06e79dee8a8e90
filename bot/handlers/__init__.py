"""Telegram handlers: the one table of what goes where."""
