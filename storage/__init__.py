"""The memory: SQLAlchemy Core on SQLite or PostgreSQL, the only code that knows SQL; and a folder of files."""
