"""A strict Slack workspace on this machine: for the demo, the tests and the benchmarks alike."""

from bot.playground.errors import InvalidAnswer, NoAnswer, NotAllowed

__all__ = ["InvalidAnswer", "NoAnswer", "NotAllowed"]
