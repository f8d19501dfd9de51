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
from bot.playground.faults import DELIVERY_KINDS
from bot.playground.site import Site
from bot.playground.world import Json

FORM, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"
OK = 200
ANSWERED = frozenset({"command", "block_suggestion", "view_submission"})
ENVELOPES = {"command": "slash_commands", "event": "events_api"}  # the rest is "interactive"


@dataclass(frozen=True)
class Retry:
    """Which repetition of an event this is, and why."""

    number: int
    reason: str


@dataclass
class Sent:
    """An event on its way: how each attempt went ("ok" or the reason), and whether it is over."""

    event_id: str
    attempts: list[str] = field(default_factory=list)
    done: Event = field(default_factory=Event)

    @property
    def acked(self) -> bool:
        """Whether the app took it."""
        return self.attempts[-1:] == ["ok"]


def deliver(site: Site, kind: str, payload: Json, summary: str, retry: Retry | None = None) -> Any:
    """Send one payload and give the body of the app's ack; NoAnswer where none came in time."""
    twice = site.faults.take(kind, DELIVERY_KINDS)
    body = _deliver(site, kind, payload, summary, retry)
    site.tries.notice(summary)
    if twice:
        _deliver(site, kind, payload, f"{summary} (again)", retry)
    return body


def _deliver(site: Site, kind: str, payload: Json, summary: str, retry: Retry | None) -> Any:
    site.traffic.add("out", kind, summary, payload)
    try:
        body = _by_http(site, kind, payload, retry) if site.request_url else _by_socket(site, kind, payload, retry)
    except NoAnswer as problem:
        site.traffic.add("in", "no answer", f"{summary}: {problem.reason}")
        raise
    if body:
        # Only commands, suggestions and submissions take an answer; the rest must use the response_url.
        ignored = "" if kind in ANSWERED else " with a body that Slack ignores"
        site.traffic.add("in", "ack", f"answered {summary}{ignored}", body)
        # Choices are no message: whoever asked for them holds them against their own shape.
        if kind != "block_suggestion":
            site.traffic.reply(body)
    return body or None


def _by_socket(site: Site, kind: str, payload: Json, retry: Retry | None) -> Any:
    envelope: Json = {
        "envelope_id": str(uuid.uuid4()),
        "type": ENVELOPES.get(kind, "interactive"),
        "payload": payload,
        "accepts_response_payload": kind != "event",
    }
    if kind == "event":
        envelope["retry_attempt"] = retry.number if retry else 0
        envelope["retry_reason"] = retry.reason if retry else ""
    return site.sockets.deliver(envelope, site.patience)


def _by_http(site: Site, kind: str, payload: Json, retry: Retry | None) -> Any:
    content_type, body = encoded(kind, payload)
    headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
    headers |= signature(site.signing_secret, body)
    if retry:
        headers |= {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason}
    try:
        answer = _post(str(site.request_url), body, headers, site.patience)
    except requests.Timeout:
        raise NoAnswer("the app did not answer in time") from None
    except requests.RequestException:
        raise NoAnswer("the app cannot be reached", "dispatch_failed") from None
    if answer.status_code != OK:
        raise NoAnswer(f"the app answered HTTP {answer.status_code}", "dispatch_failed")
    return _decoded(answer)


def _post(url: str, body: bytes, headers: dict[str, str], patience: float) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # a proxy from the environment would not find this machine
        return session.post(url, data=body, headers=headers, timeout=patience, allow_redirects=False)


def _decoded(answer: requests.Response) -> Any:
    if not answer.text.strip():
        return None
    try:
        return answer.json()
    except ValueError:
        return {"text": answer.text}


def encoded(kind: str, payload: Json) -> tuple[str, bytes]:
    """The content type and body of a delivery by HTTP."""
    if kind == "event":
        return JSON_TYPE, json.dumps(payload).encode()
    fields = payload if kind == "command" else {"payload": json.dumps(payload)}
    return FORM, urlencode(fields).encode()


def signature(secret: str, body: bytes) -> dict[str, str]:
    """Slack's signature headers. By real time: the app's own check knows no other."""
    stamp = str(int(time.time()))
    base = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def send_event(site: Site, inner: Json, wait: bool = True) -> Sent:
    """Send an event with its retries; with `wait` the first attempt is over on return."""
    payload = payloads.event(site, inner)
    sent = Sent(payload["event_id"])
    if wait:
        if _attempt(site, payload, sent, None):
            sent.done.set()
        else:
            site.spawn(lambda: _retry(site, payload, sent))
    else:
        site.spawn(lambda: _try_all(site, payload, sent))
    return sent


def emit(site: Site, inner: Json, name: str | None = None, wait: bool = False) -> Sent | None:
    """Send an event that something caused, where the app is installed and subscribed to it."""
    return emit_last(site, inner, wait, name) if site.installed else None


def emit_last(site: Site, inner: Json, wait: bool = False, name: str | None = None) -> Sent | None:
    """The same for what an app hears even when it is not installed any more."""
    if (name or inner["type"]) not in site.manifest.events or not site.connected:
        return None
    return send_event(site, inner, wait)


def _try_all(site: Site, payload: Json, sent: Sent) -> None:
    if not _attempt(site, payload, sent, None):
        _retry(site, payload, sent)


def _retry(site: Site, payload: Json, sent: Sent) -> None:
    for number, delay in enumerate(site.retry_delays, 1):
        if site.stopping.wait(delay) or _attempt(site, payload, sent, Retry(number, sent.attempts[-1])):
            break
    sent.done.set()


def _attempt(site: Site, payload: Json, sent: Sent, retry: Retry | None) -> bool:
    again = f", retry {retry.number}" if retry else ""
    try:
        deliver(site, "event", payload, f"{payload['event']['type']}{again}", retry)
    except NoAnswer as problem:
        over = problem.reason == "operation_timeout"
        sent.attempts.append(("http_timeout" if site.request_url else "timeout") if over else "http_error")
        return False
    sent.attempts.append("ok")
    if not retry:
        sent.done.set()
    return True
