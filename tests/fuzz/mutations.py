"""Requests for Slack's endpoint made from recorded payloads: changed in their values, their shape, their bytes, their
signature. A request follows from the seed and its number alone, so that any of them can be sent again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode

from bot.playground.delivery import FORM_TYPE, JSON_TYPE, signature_headers
from bot.web.app import SLACK_ENDPOINT

Json = dict[str, Any]
COMMAND, EVENT = "command", "event"

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**30,
    1.5,
    1e308,
    "",
    " ",
    "0",
    "null",
    "\x00",
    "a\x00b",
    "\ud83d",
    "a\udc00b",
    "\u202eacme",
    "\u200b",
    "é" * 300,
    "U1> <!channel> <https://evil.example|click>",
    "T0OTHER",
    "UNOBODY",
    "4111 1111 1111 1111",
    "1234 " * 800,
    "9" * 5000,
    "x" * 70_000,
    "http://127.0.0.1:9/latest/meta-data",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"id": []},
    {"id": None},
    ["U1", "U2"],
    {"a": {"b": {"c": {}}}},
)
VERBS = (
    "help mine members show who why create invite invitations accept decline revoke resend role remove leave undo"
    " extend request rename describe move migrate disable enable delete pay share unshare assign unassign transfer"
    " billing invoices plan link unlink events keys settings successor dance"
).split()
WORDS = (
    "acme shop crew card <@UCARL> <@UDEVI|devi> <@UADA> <@W1> <#C0ACME|acme> <!here> <!subteam^S1|@x> admin owner"
    " developer manager to as in for 30d until 2027-01-31 2026-02-30 by since 7d joins daily at 9 app team company"
    ' project payment nothing keep code view lifetime 14d "The Shop" “x” \' " ` * _ a@b.example ,'
    " \x00 \u200b \ud83d ﷽ 🎉 4111111111111111 -1 1e9 % \\ / ../.. {} {{x}} <script>"
).split(" ")


@dataclass(frozen=True)
class Recorded:
    """A payload that Slack would send, and its kind: `command`, `event`, or that of an interaction."""

    kind: str
    payload: Json


@dataclass(frozen=True)
class Request:
    """One HTTP request; `fair` ones are signed rightly and say what they are."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    fair: bool


def request(
    recorded: Sequence[Recorded], secret: str, seed: int, number: int
) -> Request:
    """The request of a number."""
    dice = Random(f"{seed}:{number}")
    kinds = sorted({each.kind for each in recorded})
    kind = dice.choice(kinds)
    base = dice.choice([each for each in recorded if each.kind == kind])
    payload = fresh(base.payload, f"{number}.{seed}.fuzz", dice)
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 6))):
        mutate(payload, dice)
    content_type, body = encoded(base.kind, payload, dice)
    if dice.random() < 0.08:
        body = damaged(body, dice)
    headers = {"Content-Type": content_type, **signature_headers(secret, body)}
    if dice.random() < 0.12:
        return unfair(Request("POST", SLACK_ENDPOINT, headers, body, fair=False), dice)
    return Request("POST", SLACK_ENDPOINT, headers, body, fair=True)


def fresh(payload: Json, name: str, dice: Random) -> Json:
    """The payload as of a new delivery; half of the commands get another line."""
    payload = deepcopy(payload)
    if "trigger_id" in payload:
        payload["trigger_id"] = name
    if "event_id" in payload:
        payload["event_id"] = "Ev" + name.upper()
    if isinstance(payload.get("view"), dict) and "hash" in payload["view"]:
        payload["view"]["hash"] = name
    if "command" in payload and dice.random() < 0.5:
        words = [
            dice.choice(VERBS),
            *(dice.choice(WORDS) for _ in range(dice.randrange(8))),
        ]
        payload["text"] = " ".join(words)
    return payload


def mutate(payload: Json, dice: Random) -> None:
    """Change one place of a payload: its value, its name, or whether it is there."""
    places = list(places_in(payload))
    if not places:
        return
    within, key = dice.choice(places)
    way = dice.random()
    if way < 0.15 and isinstance(within, dict):
        del within[key]
    elif way < 0.2 and isinstance(within, dict):
        within[f"{key}_"] = within.pop(key)
    elif way < 0.25:
        within[key] = [within[key]]
    elif way < 0.3:
        within[key] = nested(within[key], dice.choice((3, 30, 100)), dice)
    elif way < 0.45:
        other, there = dice.choice(places)
        within[key] = deepcopy(other[there])
    elif way < 0.6 and isinstance(within[key], str):
        within[key] = retyped(within[key], dice)
    else:
        within[key] = deepcopy(dice.choice(ODD_VALUES))


def places_in(value: Any) -> Any:
    """Every dict or list with each of its keys."""
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in pairs:
        yield value, key
        yield from places_in(inner)


def nested(value: Any, depth: int, dice: Random) -> Any:
    """The value at the bottom of many lists or dicts."""
    for _ in range(depth):
        value = (
            [value]
            if dice.random() < 0.5
            else {dice.choice(("authorizations", "id", "user")): value}
        )
    return value


def retyped(text: str, dice: Random) -> str:
    """The text with one place changed."""
    at = dice.randrange(len(text) + 1)
    put = dice.choice(
        (
            "",
            "\x00",
            "\ud83d",
            " ",
            "\n",
            "<",
            ">",
            "&",
            "%",
            ":",
            "é",
            "\u200b",
            "x" * 3000,
        )
    )
    return text[:at] + put + text[at + dice.randrange(3) :]


def encoded(kind: str, payload: Json, dice: Random) -> tuple[str, bytes]:
    """The content type and the body, as Slack writes a payload of this kind or nearly so."""
    if kind == EVENT:
        return JSON_TYPE, json.dumps(payload).encode()
    if kind == COMMAND:
        fields = [(name, text) for name, text in payload.items() if text is not None]
    else:
        fields = [("payload", json.dumps(payload))]
    if dice.random() < 0.05:
        fields.append(
            dice.choice(
                [
                    ("payload", "{}"),
                    ("payload", "[]"),
                    ("text", "mine"),
                    ("ssl_check", "1"),
                ]
            )
        )
    return FORM_TYPE, urlencode(fields, errors="surrogatepass").encode()


def damaged(body: bytes, dice: Random) -> bytes:
    """The body with bytes cut off, flipped, put in or doubled; signed afterwards."""
    at = dice.randrange(len(body) + 1)
    noise = dice.choice(
        (
            b"\xff",
            b"\x00",
            b"{",
            b"}",
            b"[" * 2000,
            b"%",
            b"&",
            b"=",
            b'"',
            b"NaN",
            b"%ff%fe",
            b"\xed\xa0\xbd",
        )
    )
    return dice.choice(
        (
            body[:at],
            body[:at] + noise + body[at:],
            body[:at] + noise + body[at + 1 :],
            noise + body,
            b"{=1",
        )
    )


def unfair(sent: Request, dice: Random) -> Request:
    """The request with something wrong about it that shows before its body does."""
    method, path, headers = sent.method, sent.path, dict(sent.headers)
    way = dice.randrange(9)
    if way == 0:
        headers.pop(dice.choice(list(headers)))
    elif way == 1:
        headers |= signature_headers("another secret of another app", sent.body)
    elif way == 2:
        headers["X-Slack-Signature"] = dice.choice(
            ("", "v0=", "v1=" + "0" * 64, "v0=" + "0" * 64, "x" * 5000)
        )
    elif way == 3:
        stamps = (
            "",
            "0",
            "-1",
            "1e9",
            "9" * 400,
            "now",
            str(int(time.time()) - 3600),
            str(int(time.time()) + 3600),
        )
        headers["X-Slack-Request-Timestamp"] = dice.choice(stamps)
    elif way == 4:
        headers["Content-Type"] = dice.choice(
            (
                "",
                "text/plain",
                "application/json; x",
                "multipart/form-data",
                FORM_TYPE + ";",
            )
        )
    elif way == 5:
        method = dice.choice(
            ("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "X")
        )
    elif way == 6:
        path = dice.choice(
            (
                "/",
                "/slack",
                "/slack/events/",
                "//slack/events",
                "/health",
                "/%00",
                "/slack/events?x=%ff",
            )
        )
    elif way == 7:
        headers["Content-Type"] = (
            JSON_TYPE if headers["Content-Type"] == FORM_TYPE else FORM_TYPE
        )
    else:
        headers["X-Slack-Retry-Num"] = dice.choice(("1", "x", "9" * 50))
    return Request(method, path, headers, sent.body, fair=False)
