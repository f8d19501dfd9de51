"""The core: standard library only, no Slack, no SQL, no words for people."""
