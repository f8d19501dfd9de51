"""A strict Slack workspace on this machine, for the demo, tests and benchmarks."""

from bot.playground.errors import InvalidAnswer, NoAnswer, NotAllowed

__all__ = ["InvalidAnswer", "NoAnswer", "NotAllowed"]
