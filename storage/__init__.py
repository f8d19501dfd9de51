"""The memory: SQLAlchemy Core on SQLite or PostgreSQL. The only code that knows SQL."""
