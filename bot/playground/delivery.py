"""Deliveries to the app, by Socket Mode or by signed HTTP, and the retries of events."""

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
ENVELOPE_TYPES = {
    "command": "slash_commands",
    "event": "events_api",
}  # the rest is "interactive"


@dataclass(frozen=True)
class Retry:
    """Which repetition of an event this is, and why."""

    number: int
    reason: str


@dataclass
class EventDelivery:
    """An event on its way: how each attempt went ("ok" or the reason), and whether it is over."""

    event_id: str
    attempts: list[str] = field(default_factory=list)
    finished: Event = field(default_factory=Event)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the app took it."""
        return self.attempts[-1:] == ["ok"]


def deliver_payload(
    site: PlaygroundState,
    kind: str,
    payload: Json,
    summary: str,
    retry: Retry | None = None,
) -> Any:
    """Send one payload and give the body of the app's ack; NoAnswer where none came in time."""
    twice = site.faults.take_matching(kind, DELIVERY_FAULT_KINDS)
    body = _deliver_once(site, kind, payload, summary, retry)
    site.tutorial.mark_done(summary)
    if twice:
        _deliver_once(site, kind, payload, f"{summary} (again)", retry)
    return body


def _deliver_once(
    site: PlaygroundState, kind: str, payload: Json, summary: str, retry: Retry | None
) -> Any:
    site.traffic.add_entry("out", kind, summary, payload)
    try:
        body = (
            _deliver_by_http(site, kind, payload, retry)
            if site.request_url
            else _deliver_by_socket(site, kind, payload, retry)
        )
    except NoAnswer as problem:
        site.traffic.add_entry("in", "no answer", f"{summary}: {problem.reason}")
        raise
    if body:
        # Only commands, suggestions and submissions take an answer; the rest must use the response_url.
        ignored = "" if kind in KINDS_WITH_ANSWER else " with a body that Slack ignores"
        site.traffic.add_entry("in", "ack", f"answered {summary}{ignored}", body)
        # Choices are no message: whoever asked for them holds them against their own shape.
        if kind != "block_suggestion":
            site.traffic.record_reply(body)
    return body or None


def _deliver_by_socket(
    site: PlaygroundState, kind: str, payload: Json, retry: Retry | None
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
    return site.sockets.deliver_envelope(envelope, site.ack_timeout_seconds)


def _deliver_by_http(
    site: PlaygroundState, kind: str, payload: Json, retry: Retry | None
) -> Any:
    content_type, body = encode_payload(kind, payload)
    headers = {
        "Content-Type": content_type,
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    }
    headers |= signature_headers(site.signing_secret, body)
    if retry:
        headers |= {
            "X-Slack-Retry-Num": str(retry.number),
            "X-Slack-Retry-Reason": retry.reason,
        }
    try:
        answer = _post_request(
            str(site.request_url), body, headers, site.ack_timeout_seconds
        )
    except requests.Timeout:
        raise NoAnswer("the app did not answer in time") from None
    except requests.RequestException:
        raise NoAnswer("the app cannot be reached", "dispatch_failed") from None
    if answer.status_code != HTTP_OK:
        raise NoAnswer(f"the app answered HTTP {answer.status_code}", "dispatch_failed")
    return _decode_body(answer)


def _post_request(
    url: str, body: bytes, headers: dict[str, str], patience: float
) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = (
            False  # a proxy from the environment would not find this machine
        )
        return session.post(
            url, data=body, headers=headers, timeout=patience, allow_redirects=False
        )


def _decode_body(answer: requests.Response) -> Any:
    if not answer.text.strip():
        return None
    try:
        return answer.json()
    except ValueError:
        return {"text": answer.text}


def encode_payload(kind: str, payload: Json) -> tuple[str, bytes]:
    """The content type and body of a delivery by HTTP."""
    if kind == "event":
        return JSON_TYPE, json.dumps(payload).encode()
    fields = payload if kind == "command" else {"payload": json.dumps(payload)}
    return FORM_TYPE, urlencode(fields).encode()


def signature_headers(secret: str, body: bytes) -> dict[str, str]:
    """Slack's signature headers. By real time: the app's own check knows no other."""
    stamp = str(int(time.time()))
    base = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def send_event(site: PlaygroundState, inner: Json, wait: bool = True) -> EventDelivery:
    """Send an event with its retries; with `wait` the first attempt is over on return."""
    payload = payloads.build_event(site, inner)
    submission = EventDelivery(payload["event_id"])
    if wait:
        if _attempt_delivery(site, payload, submission, None):
            submission.finished.set()
        else:
            site.run_in_background(lambda: _run_retries(site, payload, submission))
    else:
        site.run_in_background(lambda: _attempt_with_retries(site, payload, submission))
    return submission


def emit_event(
    site: PlaygroundState, inner: Json, name: str | None = None, wait: bool = False
) -> EventDelivery | None:
    """Send an event that something caused, where the app is installed and subscribed to it."""
    return emit_final_event(site, inner, wait, name) if site.is_installed else None


def emit_final_event(
    site: PlaygroundState, inner: Json, wait: bool = False, name: str | None = None
) -> EventDelivery | None:
    """The same for what an app hears even when it is not installed any more."""
    if (name or inner["type"]) not in site.manifest.events or not site.is_connected:
        return None
    return send_event(site, inner, wait)


def _attempt_with_retries(
    site: PlaygroundState, payload: Json, submission: EventDelivery
) -> None:
    if not _attempt_delivery(site, payload, submission, None):
        _run_retries(site, payload, submission)


def _run_retries(
    site: PlaygroundState, payload: Json, submission: EventDelivery
) -> None:
    for number, delay in enumerate(site.retry_delays, 1):
        if site.stop_event.wait(delay) or _attempt_delivery(
            site, payload, submission, Retry(number, submission.attempts[-1])
        ):
            break
    submission.finished.set()


def _attempt_delivery(
    site: PlaygroundState, payload: Json, submission: EventDelivery, retry: Retry | None
) -> bool:
    again = f", retry {retry.number}" if retry else ""
    try:
        deliver_payload(
            site, "event", payload, f"{payload['event']['type']}{again}", retry
        )
    except NoAnswer as problem:
        over = problem.reason == "operation_timeout"
        submission.attempts.append(
            ("http_timeout" if site.request_url else "timeout")
            if over
            else "http_error"
        )
        return False
    submission.attempts.append("ok")
    if not retry:
        submission.finished.set()
    return True
