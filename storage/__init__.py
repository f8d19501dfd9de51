"""Storage: SQLAlchemy Core on SQLite or PostgreSQL, and a folder of PDF files."""
