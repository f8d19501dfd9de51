"""Invitations: sending, answering, reminding, and the rules for who may send them."""
