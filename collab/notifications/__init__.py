"""Notifications.

Who hears about which event, at once or in a digest, and failed deliveries.
"""
