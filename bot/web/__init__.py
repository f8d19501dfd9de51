"""HTTP: one WSGI application for Slack's requests and health, and its server."""
