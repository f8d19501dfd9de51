"""The faces: Slack, web, command line, time. The only code that knows Slack."""
