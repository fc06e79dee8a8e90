"""Everything that is kept: SQLAlchemy 2 async over SQLite or PostgreSQL. Hands out frozen records, never ORM rows."""
