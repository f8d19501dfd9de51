"""What goes wrong: Slack's answers to the app, and what a person meets."""

from typing import Any


class SlackError(Exception):
    """A Web API refusal: Slack's error code and what stands beside it in the answer."""

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
    """The app did not acknowledge a delivery in time; `reason` is Slack's word for it."""

    def __init__(self, what: str, reason: str = "operation_timeout") -> None:
        super().__init__(f"{what}: {reason}")
        self.reason = reason


class InvalidAnswer(NoAnswer):
    """The app acknowledged with a body that Slack refuses; `messages` says why."""

    def __init__(self, what: str, messages: list[str]) -> None:
        super().__init__(what, "; ".join(messages))
        self.messages = messages


class NotAllowed(Exception):
    """Slack itself does not let this person do that."""
