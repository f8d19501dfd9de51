"""Memberships: leaving, removal, role changes, expiry, undo and member lists."""
