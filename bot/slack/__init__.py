"""The Slack adapter: Bolt app, dispatcher, commands, forms, handlers and views."""
