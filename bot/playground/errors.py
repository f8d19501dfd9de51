"""Errors: Slack's answers to the app, and what Slack shows to a person."""

from typing import Any


class SlackError(Exception):
    """Reject a Web API call with an error code and further fields of the answer."""

    def __init__(
        self, code: str, messages: list[str] | None = None, **extra: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or [code]
        self.response_body: dict[str, Any] = {"ok": False, "error": code, **extra}
        if messages:
            self.response_body["response_metadata"] = {"messages": messages}


class NoAnswer(Exception):
    """Report that the app did not acknowledge in time; `reason` is Slack's own word."""

    def __init__(self, what: str, reason: str = "operation_timeout") -> None:
        super().__init__(f"{what}: {reason}")
        self.reason = reason


class InvalidAnswer(NoAnswer):
    """Report that Slack rejects the app's answer; `messages` says why."""

    def __init__(self, what: str, messages: list[str]) -> None:
        super().__init__(what, "; ".join(messages))
        self.messages = messages


class NotAllowed(Exception):
    """Report that Slack itself does not allow this person's action."""
