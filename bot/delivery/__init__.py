"""Deliveries: the outbox worker, and what each kind of message needs on its way to Slack."""
