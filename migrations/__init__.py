"""Alembic migrations; `storage.migrate` runs them, `alembic` finds them through pyproject.toml."""
