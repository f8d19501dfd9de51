"""The HTTP side: one WSGI application for Slack's requests, OAuth probes and health."""
