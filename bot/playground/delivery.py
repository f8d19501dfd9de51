"""Deliver payloads to the app by Socket Mode or signed HTTP, and retry events."""

import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from urllib.parse import urlencode

import requests

from bot.playground import payloads
from bot.playground.errors import NoAnswer
from bot.playground.fault_injection import DELIVERY_FAULT_KINDS
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json

FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"
HTTP_OK = 200
KINDS_WITH_ANSWER = frozenset({"command", "block_suggestion", "view_submission"})
# Envelopes of all other kinds are "interactive".
ENVELOPE_TYPES = {"command": "slash_commands", "event": "events_api"}


@dataclass(frozen=True)
class Retry:
    """Number and reason of a repeated delivery of an event."""

    number: int
    reason: str


@dataclass
class EventDelivery:
    """Progress of an event's delivery.

    `attempts` has "ok" or the failure's reason for each attempt; `finished` is set
    when no further attempt follows.
    """

    event_id: str
    attempts: list[str] = field(default_factory=list)
    finished: Event = field(default_factory=Event)

    @property
    def is_acknowledged(self) -> bool:
        """Return whether the app acknowledged the latest attempt."""
        return self.attempts[-1:] == ["ok"]


def deliver_payload(
    state: PlaygroundState,
    kind: str,
    payload: Json,
    summary: str,
    retry: Retry | None = None,
) -> Any:
    """Send one payload and return the body of the app's acknowledgement.

    NoAnswer if the app did not acknowledge in time.
    """
    duplicate_fault = state.faults.take_matching(kind, DELIVERY_FAULT_KINDS)
    body = _deliver_once(state, kind, payload, summary, retry)
    state.tutorial.mark_done(summary)
    if duplicate_fault:
        _deliver_once(state, kind, payload, f"{summary} (again)", retry)
    return body


def _deliver_once(
    state: PlaygroundState, kind: str, payload: Json, summary: str, retry: Retry | None
) -> Any:
    state.traffic.add_entry("out", kind, summary, payload)
    deliver = _deliver_by_http if state.request_url else _deliver_by_socket
    try:
        body = deliver(state, kind, payload, retry)
    except NoAnswer as problem:
        state.traffic.add_entry("in", "no answer", f"{summary}: {problem.reason}")
        raise
    if not body:
        return None
    ignored = "" if kind in KINDS_WITH_ANSWER else " with a body that Slack ignores"
    state.traffic.add_entry("in", "ack", f"answered {summary}{ignored}", body)
    # Options are no message; load_options validates them.
    if kind != "block_suggestion":
        state.traffic.record_reply(body)
    return body


def _deliver_by_socket(
    state: PlaygroundState, kind: str, payload: Json, retry: Retry | None
) -> Any:
    envelope: Json = {
        "envelope_id": str(uuid.uuid4()),
        "type": ENVELOPE_TYPES.get(kind, "interactive"),
        "payload": payload,
        "accepts_response_payload": kind != "event",
    }
    if kind == "event":
        envelope["retry_attempt"] = retry.number if retry else 0
        envelope["retry_reason"] = retry.reason if retry else ""
    return state.sockets.deliver_envelope(envelope, state.ack_timeout_seconds)


def _deliver_by_http(
    state: PlaygroundState, kind: str, payload: Json, retry: Retry | None
) -> Any:
    content_type, body = encode_payload(kind, payload)
    headers = {
        "Content-Type": content_type,
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    }
    headers |= signature_headers(state.signing_secret, body)
    if retry:
        headers |= {
            "X-Slack-Retry-Num": str(retry.number),
            "X-Slack-Retry-Reason": retry.reason,
        }
    try:
        answer = _post_request(
            str(state.request_url), body, headers, state.ack_timeout_seconds
        )
    except requests.Timeout:
        raise NoAnswer("the app did not answer in time") from None
    except requests.RequestException:
        raise NoAnswer("the app cannot be reached", "dispatch_failed") from None
    if answer.status_code != HTTP_OK:
        raise NoAnswer(f"the app answered HTTP {answer.status_code}", "dispatch_failed")
    return _decode_body(answer)


def _post_request(
    url: str, body: bytes, headers: dict[str, str], timeout_seconds: float
) -> requests.Response:
    with requests.Session() as session:
        # A proxy from the environment cannot reach this machine.
        session.trust_env = False
        return session.post(
            url,
            data=body,
            headers=headers,
            timeout=timeout_seconds,
            allow_redirects=False,
        )


def _decode_body(answer: requests.Response) -> Any:
    if not answer.text.strip():
        return None
    try:
        return answer.json()
    except ValueError:
        return {"text": answer.text}


def encode_payload(kind: str, payload: Json) -> tuple[str, bytes]:
    """Return the content type and the body of a delivery by HTTP."""
    if kind == "event":
        return JSON_TYPE, json.dumps(payload).encode()
    fields = payload if kind == "command" else {"payload": json.dumps(payload)}
    return FORM_TYPE, urlencode(fields).encode()


def signature_headers(secret: str, body: bytes) -> dict[str, str]:
    """Return Slack's signature headers, stamped with the real time.

    The app checks the stamp by the real clock, not by the playground's.
    """
    stamp = str(int(time.time()))
    base = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def send_event(state: PlaygroundState, event: Json, wait: bool = True) -> EventDelivery:
    """Send an event with its retries; with `wait`, return after the first attempt."""
    payload = payloads.build_event(state, event)
    event_delivery = EventDelivery(payload["event_id"])
    if not wait:
        state.run_in_background(
            lambda: _attempt_with_retries(state, payload, event_delivery)
        )
    elif not _attempt_delivery(state, payload, event_delivery, None):
        state.run_in_background(lambda: _run_retries(state, payload, event_delivery))
    return event_delivery


def emit_event(
    state: PlaygroundState,
    event: Json,
    subscription: str | None = None,
    wait: bool = False,
) -> EventDelivery | None:
    """Send an event if the app is installed and subscribed to it.

    `subscription` is the name in the manifest where it differs from the event's type.
    """
    if not state.is_installed:
        return None
    return emit_final_event(state, event, wait, subscription)


def emit_final_event(
    state: PlaygroundState,
    event: Json,
    wait: bool = False,
    subscription: str | None = None,
) -> EventDelivery | None:
    """Send an event if the app is subscribed to it, installed or not."""
    if (subscription or event["type"]) not in state.manifest.events:
        return None
    return send_event(state, event, wait) if state.is_connected else None


def _attempt_with_retries(
    state: PlaygroundState, payload: Json, event_delivery: EventDelivery
) -> None:
    if not _attempt_delivery(state, payload, event_delivery, None):
        _run_retries(state, payload, event_delivery)


def _run_retries(
    state: PlaygroundState, payload: Json, event_delivery: EventDelivery
) -> None:
    for number, delay in enumerate(state.retry_delays, 1):
        if state.stop_event.wait(delay):
            break
        retry = Retry(number, event_delivery.attempts[-1])
        if _attempt_delivery(state, payload, event_delivery, retry):
            break
    event_delivery.finished.set()


def _attempt_delivery(
    state: PlaygroundState,
    payload: Json,
    event_delivery: EventDelivery,
    retry: Retry | None,
) -> bool:
    summary = payload["event"]["type"]
    if retry:
        summary += f", retry {retry.number}"
    try:
        deliver_payload(state, "event", payload, summary, retry)
    except NoAnswer as problem:
        event_delivery.attempts.append(_retry_reason(state, problem))
        return False
    event_delivery.attempts.append("ok")
    if not retry:
        event_delivery.finished.set()
    return True


def _retry_reason(state: PlaygroundState, problem: NoAnswer) -> str:
    if problem.reason != "operation_timeout":
        return "http_error"
    return "http_timeout" if state.request_url else "timeout"
