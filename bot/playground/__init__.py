"""A strict Slack workspace on this machine: for the demo, the tests and the benchmarks alike."""

from bot.playground.errors import BadAnswer, NoAnswer, NotAllowed

__all__ = ["BadAnswer", "NoAnswer", "NotAllowed"]
