"""Handovers: ownership and billing in one offer, on a day, and taken back."""
