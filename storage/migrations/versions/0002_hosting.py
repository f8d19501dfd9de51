"""What serving many workspaces needs: installations, files, hashes of events."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and tables."""
