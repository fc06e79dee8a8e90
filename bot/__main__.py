"""`python -m bot` is `dawen`."""

from bot.cli import app

if __name__ == "__main__":
    app(prog_name="dawen")
