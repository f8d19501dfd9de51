"""The real Bolt app over a real database: commands, clicks, windows and events, and what goes wrong with each."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count, islice
from typing import Any

import pytest
from slack_bolt import BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.playground.blockkit import block_errors, option_errors, view_errors
from bot.priority_gate import PriorityGate
from bot.rendering import renderer_for_language
from bot.slack.app import build_bolt_app
from bot.slack.commands.errors import ParseError
from bot.slack.message_address import MessageAddress
from collab.events import (
    InvitationAccepted,
    InvitationDeclined,
    InvitationResent,
    InvitationSent,
    MemberJoined,
    PersonProfiled,
    PersonRecognised,
    ResourceRenamed,
)
from collab.memberships.queries import PAGE_SIZE
from collab.model import Account, Caller, Person, WorkspaceId
from collab.people import InstallWorkspace
from collab.unit_of_work import Unavailable
from storage.locks import FairLock
from tests.support.builders import TEAM_ID, Scenario

WORDS = renderer_for_language("en")
RESPONSE_URL = "https://hooks.slack.example/actions/1"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class SlackStub(BaseHTTPRequestHandler):
    """Just enough of the Web API to have a window opened, or refused."""

    opened: list[dict[str, Any]]
    answer: dict[str, Any]
    done: threading.Event

    def do_POST(self) -> None:
        """Record the request and send the configured answer."""
        self.opened.append(
            json.loads(self.rfile.read(int(self.headers["content-length"])))
        )
        answer = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.done.set()

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def slack(answer: dict[str, Any]) -> Iterator[tuple[str, type[SlackStub]]]:
    stub = type(
        "Stub",
        (SlackStub,),
        {"opened": [], "answer": answer, "done": threading.Event()},
    )
    server = HTTPServer(("127.0.0.1", 0), stub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/", stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Face:
    """People at Slack, in front of the app."""

    def __init__(
        self,
        world: Scenario,
        api: str = "http://127.0.0.1:9/api/",
        organisation: str | None = None,
        **mode: Any,
    ) -> None:
        self.world = world
        self._triggers = count(1)
        self.known = True

        def authorize(team_id: str) -> AuthorizeResult | None:
            installed = AuthorizeResult(
                enterprise_id=organisation, team_id=team_id, bot_token="xoxb-test"
            )
            return installed if self.known else None

        self.app = build_bolt_app(
            world.bus,
            world.database.outbox,
            WORDS,
            now=lambda: world.at,
            authorize=authorize,
            client=WebClient(token="xoxb-test", base_url=api),
            **(
                {
                    "signing_secret": None,
                    "socket": True,
                    "get_locale": self.find_locale,
                    "priority_gate": PriorityGate(),
                }
                | mode
            ),
        )

    def find_locale(self, by: Caller) -> str | None:
        """Return the locale of the caller, if it is known."""
        with self.world.database.unit_of_work_factory.read(by.workspace) as facts:
            found = (
                facts.people.find_person_by_account(by.account) if by.account else None
            )
        return found.locale if found else None

    def sends(self, body: dict[str, Any]) -> Any:
        """A payload and its answer: the body, or the status when it is not 200."""
        answer = self.app.dispatch(BoltRequest(mode="socket_mode", body=body))
        if answer.status != 200:
            return answer.status
        payload = json.loads(answer.body) if answer.body else {}
        assert block_errors(payload.get("blocks", [])) == []
        assert view_errors(payload["view"]) == [] if "view" in payload else True
        return payload

    def confirms(self, who: str, text: str) -> str:
        """Type a command, press the first button of its preview; return the answer."""
        confirm = self.types(who, text)["blocks"][-1]["elements"][0]
        self.presses(who, confirm["action_id"], confirm["value"], listed="ending")
        return str(self.replies()[-1]["text"])

    def trigger(self) -> str:
        return f"trigger-{next(self._triggers)}"

    def types(
        self, who: str, text: str, channel: str = "CACME", trigger: str | None = None
    ) -> dict[str, Any]:
        """A command."""
        account = self.world.account_of(who)
        person = {
            "team_id": account.team,
            "user_id": account.user,
            "channel_id": channel,
        }
        command = {
            "command": "/collab",
            "text": text,
            "trigger_id": trigger or self.trigger(),
            "response_url": RESPONSE_URL,
        }
        answer: dict[str, Any] = self.sends({**person, **command})
        assert answer["response_type"] == "ephemeral"
        assert answer["text"]
        return answer

    def presses(
        self,
        who: str,
        action_id: str,
        value: str,
        *,
        listed: str = "",
        trigger: str | None = None,
        **more: Any,
    ) -> Any:
        """A button, in a direct message, or in an ephemeral list when it is named."""
        account = self.world.account_of(who)
        chosen = (
            {"selected_option": {"value": value}}
            if action_id == "more"
            else {"value": value}
        )
        action = {
            "action_id": action_id,
            "block_id": listed or "invitation x",
            **chosen,
        }
        return self.sends(
            {
                "type": "block_actions",
                "team": {"id": TEAM_ID},
                "user": {"id": account.user, "team_id": account.team},
                "trigger_id": trigger or self.trigger(),
                "response_url": RESPONSE_URL,
                "container": {"type": "message", "is_ephemeral": bool(listed)},
                "actions": [action],
                **more,
            }
        )

    def submits(
        self,
        who: str,
        callback_id: str,
        about: str,
        /,
        view_hash: str = "h1",
        **values: Any,
    ) -> Any:
        """A window."""
        account = self.world.account_of(who)
        state = {
            name: {name: value if isinstance(value, dict) else {"value": value}}
            for name, value in values.items()
        }
        view = {
            "type": "modal",
            "id": "V1",
            "hash": view_hash,
            "callback_id": callback_id,
            "private_metadata": about,
            "state": {"values": state},
        }
        user = {"id": account.user, "team_id": account.team}
        return self.sends(
            {
                "type": "view_submission",
                "team": {"id": TEAM_ID},
                "user": user,
                "trigger_id": "t",
                "view": view,
            }
        )

    def happens(
        self, kind: str, user: dict[str, Any] | str, event_id: str = "Ev1", **more: Any
    ) -> Any:
        """An event about a person."""
        envelope = {
            "type": "event_callback",
            "team_id": TEAM_ID,
            "event_id": event_id,
            "authorizations": [{"team_id": TEAM_ID}],
        }
        return self.sends({**envelope, "event": {"type": kind, "user": user, **more}})

    def replies(self) -> list[dict[str, Any]]:
        """What was posted to response URLs since the last look; the rest is taken too."""
        found = []
        while batch := self.world.database.outbox.claim_deliveries(
            50, timedelta(seconds=60)
        ):
            for delivery in batch:
                self.world.database.outbox.mark_sent(delivery)
                if delivery.message == "reply" and delivery.payload:
                    assert delivery.payload["url"] == RESPONSE_URL
                    assert block_errors(delivery.payload["body"]["blocks"]) == []
                    found.append(delivery.payload["body"])
        return found


@pytest.fixture
def face(acme: Scenario) -> Face:
    """Acme's people in front of the app."""
    return Face(acme)


def buttons(message: dict[str, Any]) -> list[str]:
    found = [
        e for b in message["blocks"] for e in b.get("elements", []) if "action_id" in e
    ]
    return [e["action_id"] for e in found]


def test_create_invite_accept(world: Scenario) -> None:
    face = Face(world)
    assert "carry on" in face.types("ada", "create company Acme")["text"]
    world.register_people("ada", "carl")

    assert "`acme`" in face.types("ada", "create company Acme")["text"]
    answer = face.types("ada", 'invite <@UCARL|carl> to acme as admin note "*Hi*"')
    assert "You invited <@UCARL> to *Acme* as an *admin*." in answer["text"]
    face.presses("carl", "accept", world.pending_invitation_ids("carl")[0])

    assert world.roles_by_name() == {"ada": "owner", "carl": "admin"}
    assert face.replies() == []


def test_every_verb_answers_in_the_commands_own_answer(face: Face) -> None:
    face.world.add_member("carl")
    for line, part in {
        "": "You're all caught up",
        "help": "/collab invite",
        "help link": "/collab link acme",
        "link acme": "Updates about *Acme* will be posted",
        "invitations": "You're all caught up",
        "invitations sent": "Accepted",
        "members": "<@UCARL> · admin",
        "events": "<@UCARL> joined as an admin",
        "events by <@UCARL> since 7d": "<@UCARL> joined as an admin",
        "remove <@UCARL>": "Remove <@UCARL> from *Acme*?",
        "invite <@UDEVI> admin": "You invited <@UDEVI>",
        "resend <@UDEVI>": "You sent <@UDEVI> the invitation",
        "revoke <@UDEVI>": "Withdraw the invitation for <@UDEVI>",
        "unlink": "Stop posting updates about *Acme*",
    }.items():
        answer = face.types("ada", line)
        assert part in answer["text"].replace("`", "").replace(
            "invite WHO", "/collab invite"
        ) or part in str(answer), line
    assert face.replies() == []


def test_accept_and_decline_typed_ask_which_when_there_are_several(face: Face) -> None:
    face.world.create_company("Beta")
    assert "no pending invitation" in face.types("carl", "accept")["text"]
    for what in ("acme", "beta"):
        face.world.send_invitation("carl", what=what)

    several = face.types("carl", "accept")
    assert buttons(several).count("accept") == 2
    assert "now an admin of *Acme*" in face.types("carl", "accept acme")["text"]
    assert "You declined" in face.types("carl", 'decline note "no time"')["text"]
    assert face.world.events_of_type(InvitationDeclined)[0].reason == "no time"
    assert (
        "no pending invitation to *acme*" in face.types("carl", "accept acme")["text"]
    )


@pytest.mark.rule("EVT-01")
def test_the_same_delivery_twice_does_one_thing_and_says_the_same(face: Face) -> None:
    invited = [
        face.types("ada", "invite <@UCARL> admin acme", trigger="t1")["text"]
        for _ in range(2)
    ]
    accepted = [face.types("carl", "accept", trigger="t2")["text"] for _ in range(2)]
    face.world.send_invitation("devi")
    declined = [face.types("devi", "decline", trigger="t3")["text"] for _ in range(2)]
    face.world.send_invitation("bo")
    resent = [
        face.types("ada", "resend <@UBO> acme", trigger="t4")["text"] for _ in range(2)
    ]
    revoked = [
        face.types("ada", "revoke <@UBO> acme", trigger="t5")["text"] for _ in range(2)
    ]

    for first, second in (invited, accepted, declined, resent, revoked):
        assert first == second
    assert len(face.world.events_of_type(InvitationAccepted)) == 1
    assert len(face.world.events_of_type(InvitationSent)) == 3


@pytest.mark.rule("INV-04")
def test_a_second_click_gets_a_friendly_word_and_the_same_click_again_none(
    face: Face,
) -> None:
    invitation = face.world.send_invitation("carl")

    face.presses("carl", "accept", invitation, listed="waiting x", trigger="t1")
    face.presses("carl", "accept", invitation, listed="waiting x", trigger="t1")
    (listed,) = face.replies()
    face.presses("carl", "accept", invitation)
    (second,) = face.replies()

    assert listed["replace_original"] is True
    assert listed["text"].startswith("You're now an admin of *Acme*.")
    assert buttons(listed) == []
    assert second["replace_original"] is False
    assert second["response_type"] == "ephemeral"
    assert "already accepted" in second["text"]


@pytest.mark.parametrize("odd", ["a\ud83d", [[]], {"a": {}}], ids=repr)
def test_no_part_of_a_press_that_cannot_be_stored_is_a_defect(
    face: Face, caplog: pytest.LogCaptureFixture, odd: object
) -> None:
    """Half an emoji cannot be written as UTF-8, and a list is not hashable."""
    invitation = face.world.send_invitation("carl")
    for number in range(
        len(list(iterate_leaves(press_in_a_message(face, invitation))))
    ):
        body = press_in_a_message(face, invitation)
        *_, (holder, key) = islice(iterate_leaves(body), number + 1)
        holder[key] = odd
        face.sends(body)

    assert [line for line in caplog.messages if " failed with " in line] == []


def press_in_a_message(face: Face, invitation: str) -> dict[str, Any]:
    """A press on a button of a message."""
    account = face.world.account_of("carl")
    return {
        "type": "block_actions",
        "team": {"id": TEAM_ID},
        "user": {"id": account.user, "team_id": TEAM_ID},
        "trigger_id": "t1",
        "container": {"type": "message", "is_ephemeral": False},
        "channel": {"id": "C1"},
        "message": {"ts": "1.1", "text": "x", "blocks": []},
        "response_url": RESPONSE_URL,
        "actions": [
            {"action_id": "accept", "block_id": "invitation x", "value": invitation}
        ],
    }


def iterate_leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """The places in JSON data that hold a text, as their containers and keys."""
    places = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(places):
        if isinstance(each, dict | list):
            yield from iterate_leaves(each)
        else:
            yield value, key


def test_a_press_in_a_list_shows_the_list_again(face: Face) -> None:
    face.world.create_company("Beta")
    first, second = (
        face.world.send_invitation("carl", what=what) for what in ("acme", "beta")
    )

    face.presses("carl", "more", f"mute {first}", listed=f"waiting {first}")
    face.presses("carl", "more", f"snooze {second}", listed=f"waiting {second}")
    muted, snoozed = face.replies()
    face.presses("ada", "revoke", first, listed=f"sent {first}")
    face.presses("ada", "resend", second, listed=f"members {'R1'} x")
    revoked, resent = face.replies()

    assert muted["text"].startswith("I won't remind you about")
    assert snoozed["text"].startswith("I won't remind you about")
    assert buttons(muted).count("accept") == buttons(snoozed).count("accept") == 2
    assert "You withdrew" in revoked["text"]
    assert buttons(revoked).count("revoke") == 1
    assert resent["text"].startswith("You sent <@UCARL> the invitation")


def test_about_is_answered_beside_the_message(face: Face) -> None:
    face.presses("carl", "more", f"about {face.world.send_invitation('carl')}")

    (about,) = face.replies()
    assert about["replace_original"] is False
    assert "You can leave at any time" in about["text"]


def test_resend_typed_finds_what_expired(face: Face) -> None:
    face.world.send_invitation("carl")
    face.world.advance_time(days=8)

    assert "You invited <@UCARL>" in face.types("ada", "resend <@UCARL> acme")["text"]


def test_resend_typed_finds_what_expired_however_many_were_sent_since(
    face: Face,
) -> None:
    face.world.send_invitation("carl")
    face.world.advance_time(days=8)
    for number in range(PAGE_SIZE + 1):
        face.world.send_invitation(f"p{number}")
    assert "You invited <@UCARL>" in face.types("ada", "resend <@UCARL> acme")["text"]


def first_reply(face: Face) -> dict[str, Any]:
    """Wait for a reply that is sent after the acknowledgement."""
    for _ in range(1_500):
        for reply in face.replies():
            if reply:
                return reply
        time.sleep(0.01)
    raise AssertionError("no reply")


@pytest.mark.rule("INV-06")
def test_decline_opens_a_window_and_the_reason_reaches_the_record(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("carl")
    with slack({"ok": True}) as (api, stub):
        face = Face(acme, api)
        face.presses("carl", "decline", invitation, listed=f"waiting {invitation}")
        assert stub.done.wait(3)
        (opened,) = stub.opened

    view = opened["view"]
    assert view_errors(view) == []
    assert (view["callback_id"], view["private_metadata"]) == ("decline", invitation)
    assert face.submits("carl", "decline", invitation, note="Not this year") == {}
    assert acme.events_of_type(InvitationDeclined)[0].reason == "Not this year"
    with acme.database.unit_of_work_factory.read(TEAM_ID) as facts:
        person = facts.people.find_person_by_account(acme.account_of("carl"))
    assert person is not None
    (sent,) = acme.database.outbox.list_live_messages(
        TEAM_ID, invitation, f"person:{person.id}"
    )
    assert MessageAddress.decode(sent.address).response_url == RESPONSE_URL


def test_a_window_that_slack_does_not_open_is_logged(
    acme: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    invitation = acme.send_invitation("carl")
    with slack({"ok": False, "error": "expired_trigger_id"}) as (api, stub):
        face = Face(acme, api)
        acme.take_outbox()
        face.presses("carl", "decline", invitation)
        assert stub.done.wait(3)
        reply = first_reply(face)

    assert "took too long to open the window" in reply["text"]
    assert "views.open: expired_trigger_id" in caplog.text


def opened_by(world: Scenario, uses: Callable[[Face], None]) -> dict[str, Any]:
    """The window that something opens."""
    with slack({"ok": True}) as (api, stub):
        uses(Face(world, api))
        assert stub.done.wait(3)
        (opened,) = stub.opened
    view: dict[str, Any] = opened["view"]
    assert view_errors(view) == []
    return view


STALE = "This is from an older version of Collab and no longer works."


@pytest.mark.parametrize(
    "callback_id", ["window_of_last_year", "", "invite ", "form:x", "Invite", "é" * 255]
)
def test_what_an_older_version_left_behind_is_answered_with_words(
    acme: Scenario, callback_id: str
) -> None:
    face = Face(acme)
    window = face.submits("ada", callback_id, "R1", field="x")
    face.presses("ada", callback_id or " ", "R1")
    asked = {
        "action_id": f"{callback_id}:what",
        "block_id": "x",
        "value": "ac",
        "view": {"id": "V1"},
    }
    user = {"id": acme.account_of("ada").user, "team_id": TEAM_ID}
    choices = face.sends(
        {"type": "block_suggestion", "team": {"id": TEAM_ID}, "user": user, **asked}
    )

    assert STALE in window["view"]["blocks"][0]["text"]["text"]
    assert STALE in face.replies()[-1]["text"]
    assert choices == {"options": []}
    for kind in ("shortcut", "message_action"):
        view = opened_by(
            acme,
            lambda face, kind=kind: shortcut(face, "ada", callback_id, kind),  # type: ignore[misc]
        )
        assert STALE in view["blocks"][0]["text"]["text"]


def shortcut(
    face: Face, who: str, callback_id: str = "invite", kind: str = "shortcut"
) -> None:
    account = face.world.account_of(who)
    user = {"id": account.user, "team_id": account.team}
    body = {
        "type": kind,
        "callback_id": callback_id,
        "team": {"id": TEAM_ID},
        "user": user,
    }
    assert face.sends({**body, "trigger_id": face.trigger()}) == {}


def test_the_button_that_invites_opens_the_window_for_its_thing_or_for_none(
    acme: Scenario,
) -> None:
    for value, chosen in {"acme": ["Acme"], "": [], "R-gone": []}.items():
        view = opened_by(
            acme,
            lambda face, value=value: face.presses("ada", "invite_open", value),  # type: ignore[misc]
        )
        (field,) = [
            block for block in view["blocks"] if block.get("block_id") == "whats invite"
        ]
        assert [
            option["text"]["text"]
            for option in field["element"].get("initial_options", [])
        ] == chosen


def test_the_shortcut_opens_the_window_and_says_there_why_not(acme: Scenario) -> None:
    assert opened_by(acme, lambda face: shortcut(face, "ada"))["callback_id"] == "form"
    assert (
        opened_by(acme, lambda face: shortcut(face, "carl"))["callback_id"]
        == "invite_nothing"
    )
    assert (
        opened_by(acme, lambda face: shortcut(face, "eve@T2"))["callback_id"] == "wrong"
    )


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        ("not_found", logging.INFO),
        ("hash_conflict", logging.INFO),
        ("internal_error", logging.WARNING),
        ("invalid_arguments", logging.ERROR),
        ("an_error_of_next_year", logging.ERROR),
    ],
)
def test_a_window_that_slack_does_not_update_is_one_line_with_slacks_code(
    acme: Scenario, caplog: pytest.LogCaptureFixture, answer: str, level: int
) -> None:
    caplog.set_level(logging.INFO, "collab")
    with slack({"ok": False, "error": answer}) as (api, stub):
        view = {
            "id": "V1",
            "state": {
                "values": {
                    "whats invite": {
                        "find:invite whats": {"selected_options": [{"value": "acme"}]}
                    }
                }
            },
        }
        assert (
            Face(acme, api).presses(
                "ada", "find:invite whats", "", listed="whats invite", view=view
            )
            == {}
        )
        assert stub.done.wait(3)
        for _ in range(1_500):
            if caplog.records:
                break
            threading.Event().wait(0.01)
    [line] = caplog.records
    assert "views.update" in line.getMessage()
    assert answer in line.getMessage()
    assert line.levelno == level
    assert ("Traceback" in line.getMessage() or "File" in line.getMessage()) == (
        level == logging.ERROR
    )
    assert stub.opened[0]["view_id"] == "V1"


def fills(face: Face, who: str, verb: str, view_hash: str = "h1", **values: str) -> Any:
    """A form of a verb, sent in with whatever ids."""
    inputs = {f"{field} {verb}": {"value": value} for field, value in values.items()}
    return face.submits(who, "form", verb, view_hash, **inputs)


def shown_in(answer: dict[str, Any]) -> str:
    return "\n".join(
        block["text"]["text"] for block in answer["view"]["blocks"] if "text" in block
    )


def test_a_form_does_what_its_line_does_once(face: Face) -> None:
    before = len(face.world.events_of_type(ResourceRenamed))
    assert "*Acme Ltd*" in shown_in(
        fills(face, "ada", "rename", what="acme", name="Acme Ltd")
    )
    assert "*Acme Ltd*" in shown_in(
        fills(face, "ada", "rename", what="acme", name="Acme Ltd")
    )
    assert len(face.world.events_of_type(ResourceRenamed)) == before + 1


def test_what_a_form_says_is_decided_by_the_core_whatever_it_was_opened_with(
    face: Face,
) -> None:
    face.world.register_people("devi")
    assert list(fills(face, "devi", "rename", what="acme", name="Mine")["errors"]) == [
        "what rename"
    ]
    face.world.add_member("devi", "admin")
    text = shown_in(
        fills(face, "devi", "rename", view_hash="h2", what="acme", name="Mine")
    )
    assert "Your role doesn't let you edit" in text
    assert "Change a name" in text
    assert face.world.events_of_type(ResourceRenamed) == []


def test_a_form_of_a_verb_that_is_no_more_says_so(face: Face) -> None:
    assert fills(face, "ada", "dance", what="acme")["view"]["callback_id"] == "shown"


def test_a_field_finds_only_what_may_be_seen_and_fits_it(face: Face) -> None:
    face.world.register_people("carl")
    for line in (
        "create app Shop in acme",
        "create payment Card in acme",
        "create team Crew",
    ):
        face.types("ada", line)

    def finds(who: str, field: str, typed: str = "") -> list[str]:
        account = face.world.account_of(who)
        user = {"id": account.user, "team_id": account.team}
        asked = {
            "action_id": f"find:{field}",
            "block_id": "x",
            "value": typed,
            "view": {"id": "V1"},
        }
        answer = face.sends(
            {"type": "block_suggestion", "team": {"id": TEAM_ID}, "user": user, **asked}
        )
        assert option_errors(answer) == []
        groups = answer.get("option_groups", [{"options": answer.get("options", [])}])
        return [
            option["text"]["text"] for group in groups for option in group["options"]
        ]

    assert finds("ada", "rename what") == ["Acme", "Card", "Shop", "Crew"]
    assert finds("ada", "rename what", "SHO") == ["Shop"]
    assert finds("ada", "pay what") == ["Shop"]
    assert finds("ada", "pay there") == ["Card", "No payment method (trial)"]
    assert finds("ada", "share team") == ["Crew"]
    assert finds("ada", "disable what") == []
    assert finds("carl", "rename what") == []
    for nonsense in ("dance what", "rename name", "plan there", "rename"):
        assert finds("ada", nonsense) == []


def test_decline_opens_no_window_when_there_is_nothing_to_answer(face: Face) -> None:
    invitation = face.world.send_invitation("carl")
    face.presses("devi", "decline", invitation)
    face.world.accept_invitation("carl", invitation)
    face.presses("carl", "decline", invitation)
    face.presses("ada", "edit", invitation)

    texts = [reply["text"] for reply in face.replies()]
    assert "I can't find that invitation" in texts[0]
    assert "already accepted" in texts[1]
    assert "already accepted" in texts[2]


@pytest.mark.rule("INV-07")
def test_edit_changes_the_offer_and_says_what_is_wrong_under_the_field(
    acme: Scenario,
) -> None:
    invitation = acme.send_invitation("carl")
    with slack({"ok": True}) as (api, stub):
        face = Face(acme, api)
        face.presses("ada", "edit", invitation)
        assert stub.done.wait(3)
    view = stub.opened[0]["view"]
    assert [o["value"] for o in view["blocks"][1]["element"]["options"]] == [
        "owner",
        "admin",
        "accountant",
    ]
    owner = {"selected_option": {"value": "owner"}}

    wrong = face.submits("ada", "edit", invitation, role=owner, lasts="soon")
    short = face.submits("ada", "edit", invitation, "h2", role=owner, lasts="1h")
    assert wrong["errors"]["lasts"] == "Choose how long"
    assert short["errors"]["lasts"].startswith(
        "Access can last from 1 day to 3650 days."
    )
    assert face.submits("ada", "edit", invitation, "h3", role=owner, lasts="30d") == {}
    assert acme.get_invitation(invitation).role == "owner"
    assert acme.get_invitation(invitation).lasts == timedelta(days=30)


def test_a_window_that_comes_too_late_says_so_in_its_place(face: Face) -> None:
    invitation = face.world.send_invitation("carl")
    face.world.accept_invitation("carl", invitation)

    answer = face.submits("carl", "decline", invitation, note="")

    assert answer["response_action"] == "update"
    assert "already accepted" in answer["view"]["blocks"][0]["text"]["text"]
    assert "submit" not in answer["view"]


@pytest.mark.rule("MEM-05")
def test_remove_and_leave_show_what_ends_before_anything_ends(face: Face) -> None:
    face.world.add_member("carl")
    face.world.send_invitation("devi", by="carl")

    preview = face.types("ada", "remove <@UCARL> acme")
    assert "• <@UDEVI>, invited to *Acme* as an *admin*" in preview["text"]
    assert buttons(preview) == ["remove", "cancel"]
    assert face.world.roles_by_name() == {"ada": "owner", "carl": "admin"}
    value = preview["blocks"][-1]["elements"][0]["value"]
    face.presses("ada", "cancel", value, listed="ending")
    face.presses("ada", "remove", value, listed="ending")
    kept, removed = face.replies()

    assert kept["text"] == "Nothing was changed."
    assert removed["text"].startswith("You removed <@UCARL> from *Acme*.")
    assert removed["replace_original"] is True
    assert face.world.roles_by_name() == {"ada": "owner"}
    assert "needs an owner" in face.types("ada", "leave acme")["text"]


@pytest.fixture
def shop(face: Face) -> Face:
    """Acme with a project, an app in it, and an app beside it; Devi develops the first."""
    for line in (
        "create project Website in acme",
        "create app Shop in website",
        "create app Blog in acme",
    ):
        face.types("ada", line)
    face.world.register_people("carl", "devi")
    face.world.add_member("devi", "developer", "shop")
    face.world.take_outbox()
    return face


def test_every_act_on_a_resource_is_typed_and_answered(shop: Face) -> None:
    for line, part in {
        "create database Orders in website": "Created *Orders* in *Website*. You're its admin.",
        "create payment method Card in acme": "You're its holder",
        "create team Crew": "You're a full member",
        "create team Crew in acme": "A team is always on its own",
        "create app Sneaky in crew": "Your role doesn't let you add things to Crew",
        "create payment Two in website": "*Website* is a project, and a payment method can't be part of that",
        "mine": "*Shop* (`shop`) · App · admin (via Acme)",
        "show website": "Project · Acme · `website`",
        "members shop": "<@UADA> (you) · admin (via *Acme*)",
        "members acme": "<@UDEVI> · collaborator (via *Shop*)",
        "who shop code": "<@UDEVI>: developer of *Shop*",
        "why <@UDEVI> shop code": "<@UDEVI> can deploy *Shop*: developer of *Shop*.",
        "why <@UADA> blog code": "You can deploy *Blog*: owner of *Acme* → admin of *Blog*.",
        "why <@UDEVI> shop delete": "<@UDEVI> can't delete *Shop*: none of their roles there allows it.",
        "why <@UCARL> shop code": "they have no role there",
        "role <@UDEVI> manager shop": "You changed the role of <@UDEVI> on *Shop* from developer to manager.",
        "role <@UADA> admin acme": "You can't change your own role",
        "role <@UCARL> admin acme": "doesn't have a role on *Acme*",
        'rename shop "The Boutique"': "Renamed *Shop* to *The Boutique*",
        'describe shop "Sells <things>"': "Sells &lt;things&gt;",
        "describe shop nothing": "Removed the description",
        "move shop to acme": "Move the app *The Boutique* from *Website* to *Acme*?",
        "move shop to website": "already the case",
        "pay shop card": "*Card* now pays for *The Boutique*",
        "show shop": "*Paid by* · *Card*",
        "pay shop nothing": "it's a trial",
        "pay website card": "only apps and databases are paid for",
        "pay shop acme": "only a payment method can pay",
        "create company Beta": "You're its owner",
        "migrate website to beta": "Move the project *Website* from *Acme* to *Beta*?",
    }.items():
        answer = shop.types("ada", line)
        assert part in answer["text"], (line, answer["text"])


@pytest.mark.rule("RES-03")
def test_a_move_is_shown_before_it_is_made(shop: Face) -> None:
    shop.types("ada", "create company Beta")
    for line, said in (
        ("move shop to acme", "to *Acme*. Roles there now apply"),
        ("migrate website to beta", "to *Beta*. Roles there now apply"),
    ):
        preview = shop.types("ada", line)
        assert buttons(preview) == ["move", "cancel"]
        shop.presses(
            "ada",
            "move",
            preview["blocks"][-1]["elements"][0]["value"],
            listed="ending",
        )
        assert said in shop.replies()[-1]["text"]
    assert "moved it to another place" in shop.types("ada", "events website")["text"]


@pytest.mark.rule("ROL-04")
def test_what_would_be_disabled_is_shown_before_it_is(shop: Face) -> None:
    preview = shop.types("ada", "disable website")
    assert "Disable the project *Website*?" in preview["text"]
    assert "• app *Shop*" in preview["text"]
    assert "2 people can only look" in preview["text"]
    assert "<@UDEVI>: developer of *Shop*" in shop.types("ada", "who shop code")["text"]

    shop.presses(
        "ada", "disable", preview["blocks"][-1]["elements"][0]["value"], listed="ending"
    )

    assert "Disabled *Website* and everything in it" in shop.replies()[-1]["text"]
    for line, part in {
        "who shop code": "Nobody can deploy *Shop*: it's disabled",
        "disable website": "already the case",
        "enable website": "Enabled *",
        "enable website ": "already the case",
    }.items():
        answer = shop.types("ada", line)
        assert part in answer["text"], (line, answer["text"])


@pytest.mark.rule("RES-05")
@pytest.mark.rule("ROL-01")
def test_teams_are_given_roles_and_their_members_work(shop: Face) -> None:
    shop.types("ada", "create team Crew")
    shop.world.add_member("carl", "limited", "crew")
    for line, part in {
        "share acme crew admin": "*Acme* is a company, and you can't share that with a team",
        "share shop with crew as developer": "The team *Crew* is now a developer of *Shop*. Its full members can",
        "share shop with crew as manager": "on *Shop* from developer to manager",
        "share shop crew manager": "The team *Crew* is already a manager of *Shop*",
        "share shop crew manger": "`/collab share shop crew manager`",
        "assign <@UDEVI> shop in crew": "<@UDEVI> doesn't have a role on *Crew*",
        "assign <@UCARL> shop in crew": "Assigned *Shop* to <@UCARL> in the team *Crew*. They can",
        "assign <@UCARL> shop crew": "*Shop* is already assigned to <@UCARL>",
        "why <@UCARL> shop code": "limited member of *Crew* → developer of *Shop*",
        "unassign <@UCARL> from shop in crew": "Unassign <@UCARL> from *Shop* in the team *Crew*?",
        "unassign <@UDEVI> from shop in crew": "*Shop* isn't assigned to <@UDEVI>",
        "unshare shop from acme": "I can't find “acme”",
    }.items():
        answer = shop.types("ada", line)
        assert part in answer["text"], (line, answer["text"])
    for line, part in {
        "unassign <@UCARL> shop in crew": "*Shop* is no longer assigned to <@UCARL> in the team *Crew*",
        "unshare shop from crew": "*Shop* is no longer shared with the team *Crew*, which was a manager.",
    }.items():
        assert part in shop.confirms("ada", line), line
    for line, part in {
        "unshare shop crew": "*Shop* isn't shared with the team *Crew*",
        "events shop": "ended the role of the team *Crew*, which was a manager",
        "create payment Card": "You're its holder",
        "share card with crew as holder": "Its full members can see details and who shares it",
    }.items():
        answer = shop.types("ada", line)
        assert part in answer["text"], (line, answer["text"])
    assert "assigned" not in answer["text"]


@pytest.mark.rule("INV-09")
def test_unsharing_says_how_many_invitations_fall_with_it(shop: Face) -> None:
    shop.types("ada", "create team Crew")
    shop.types("ada", "share shop with crew as manager")
    shop.world.add_member("carl", "unlimited", "crew")
    shop.types("carl", "invite sam@example.com developer shop")

    preview = shop.types("ada", "unshare shop crew")["text"]
    assert "These invitations will be withdrawn" in preview
    answer = shop.confirms("ada", "unshare shop crew")
    assert "1 invitation that depended on the team's role was withdrawn." in answer


def test_creating_again_by_the_same_delivery_says_the_same(shop: Face) -> None:
    first, second = (
        shop.types("ada", "create app Late in website", trigger="t9")["text"]
        for _ in range(2)
    )
    assert first == second


@pytest.mark.rule("ROL-02")
@pytest.mark.rule("EVT-03")
def test_what_one_may_not_view_has_no_name_in_an_answer(shop: Face) -> None:
    shop.types("ada", "create payment Secret in acme")
    shop.types("ada", "pay shop secret")
    shop.world.add_member("bo", "administrator", "website")

    for line in (
        "members shop",
        "who shop edit",
        "why <@UADA> shop edit",
        "show shop",
        "events shop",
    ):
        text = shop.types("devi", line)["text"]
        assert "Secret" not in text, line
        assert "Website" not in text, line
    assert (
        "via a project that you can't see" in shop.types("devi", "members shop")["text"]
    )


@pytest.mark.rule("MEM-06")
def test_a_preview_names_every_role_that_ends_and_what_remains(shop: Face) -> None:
    shop.world.add_member("devi", "member", "website")
    shop.world.add_member("devi", "admin", "acme")

    removal = shop.types("ada", "remove <@UDEVI> website")["text"]
    leave = shop.types("devi", "leave acme")["text"]

    assert (
        "still have access through other roles:\n• *Website* as an administrator, through *Acme*"
        in removal
    )
    assert "• *Shop* as an admin, through *Acme*" in removal
    for ends in (
        "admin of *Acme*",
        "member of *Website*",
        "admin of *Blog*",
        "admin of *Shop*",
    ):
        assert f"• {ends}" in leave or ends == "member of *Website*"
    assert "still have access" not in leave


@pytest.mark.rule("RES-04")
def test_deleting_shows_what_goes_and_asks_for_the_name(acme: Scenario) -> None:
    with slack({"ok": True}) as (api, stub):
        face = Face(acme, api)
        for line in ("create project Website in acme", "create app Shop in website"):
            face.types("ada", line)
        acme.register_people("devi")
        acme.add_member("devi", "developer", "shop")
        preview = face.types("ada", "delete website")
        value = preview["blocks"][-1]["elements"][0]["value"]
        face.presses("ada", "delete", value, listed="ending")
        assert stub.done.wait(3)

    assert "• app *Shop*" in preview["text"]
    assert "• <@UDEVI>: developer of *Shop*" in preview["text"]
    assert [e["style"] for e in preview["blocks"][-1]["elements"] if "style" in e] == [
        "danger"
    ]
    view = stub.opened[0]["view"]
    assert view_errors(view) == []
    assert face.submits("ada", "delete", view["private_metadata"], name="Shop")[
        "errors"
    ]["name"].startswith("1 item")
    done = face.submits("ada", "delete", view["private_metadata"], "h2", name="website")
    assert "Deleted *Website* and the 1 item in it" in str(done["view"]["blocks"])
    face.presses("ada", "delete", value, listed="ending")
    assert "no longer exists" in face.replies()[-1]["text"]


@pytest.mark.rule("RES-04")
def test_what_has_nothing_inside_is_deleted_at_the_button(shop: Face) -> None:
    preview = shop.types("ada", "delete blog")
    assert buttons(preview) == ["delete", "cancel"]

    shop.presses(
        "ada", "delete", preview["blocks"][-1]["elements"][0]["value"], listed="ending"
    )

    assert shop.replies()[-1]["text"].startswith("Deleted *Blog*.")
    assert "I can't find “blog”" in shop.types("ada", "show blog")["text"]


@pytest.mark.rule("MEM-02")
@pytest.mark.rule("MEM-03")
def test_a_role_is_changed_from_the_list_and_the_person_is_notified(
    acme: Scenario,
) -> None:
    with slack({"ok": True}) as (api, stub):
        face = Face(acme, api)
        face.types("ada", "create app Shop in acme")
        acme.register_people("devi", "carl")
        acme.add_member("devi", "developer", "shop")
        acme.take_outbox()
        listed = face.types("ada", "members shop")
        menus = [
            o["value"]
            for b in listed["blocks"]
            for o in b.get("accessory", {}).get("options", [])
        ]
        ask = next(value for value in menus if value.startswith("role_ask"))
        devi = ask.split()[-1]
        why = next(
            value
            for value in menus
            if value.startswith("why_ask") and value.endswith(devi)
        )
        face.presses("ada", "more", why, listed="members x")
        (said,) = face.replies()
        face.presses("ada", "more", ask, listed="members x")
        assert stub.done.wait(3)

    assert "<@UDEVI> can see *Shop*: developer of *Shop*." in said["text"]
    assert said["replace_original"] is False
    view = stub.opened[0]["view"]
    assert "<@UDEVI> is a developer of *Shop* now." in view["blocks"][0]["text"]["text"]
    select = view["blocks"][-1]["element"]
    assert "initial_option" not in select
    assert [(o["value"], o["description"]["text"]) for o in select["options"]] == [
        ("admin", "See, edit, delete, configure, scale, deploy and bring in others"),
        ("manager", "See, configure, deploy and bring in developers"),
    ]
    unchosen = face.submits("ada", "role", view["private_metadata"])
    assert unchosen["response_action"] == "errors"
    assert acme.roles_by_name("shop")["devi"] == "developer"
    chosen = {"selected_option": {"value": "manager"}}
    unseen = face.submits("ada", "role", view["private_metadata"], role=chosen)["view"]
    assert acme.roles_by_name("shop")["devi"] == "developer"
    done = face.submits("ada", "role", unseen["private_metadata"], role=chosen)
    assert "view" not in done  # the form closes, and the list shows the change
    assert acme.roles_by_name("shop")["devi"] == "manager"
    assert ("devi", "member_role_changed") in acme.take_outbox()
    face.presses(
        "devi",
        "more",
        f"role_ask {view['private_metadata'].split()[1]} P999",
        listed="members x",
    )
    assert "I can't find" in face.replies()[-1]["text"]


@pytest.mark.rule("MEM-02")
def test_a_raised_role_is_announced_and_a_lowered_role_may_keep_apps(
    shop: Face,
) -> None:
    up = shop.types("ada", "role <@UDEVI> admin acme")["text"]
    assert "<@UDEVI> is now an admin of *Acme*" in up
    assert ("devi", "member_joined") in shop.world.take_outbox()

    down = shop.confirms("ada", "role <@UDEVI> collaborator acme keep blog")
    assert "They keep:\n• *Blog* as an admin" in down
    assert "<@UDEVI>: admin of *Blog*" in shop.types("ada", "who blog code")["text"]


@pytest.mark.rule("BIL-02")
def test_a_new_payer_is_announced_to_the_other_side_and_never_named_in_a_channel(
    shop: Face,
) -> None:
    shop.world.add_member("carl", "admin", "shop")
    shop.types("carl", 'create payment "Carl card"')
    shop.types("ada", "link acme")
    shop.world.take_outbox()

    shop.types("carl", "pay shop carl-card")

    messages = shop.world.take_outbox()
    assert ("ada", "payer_changed") in messages
    assert ("channel:CACME", "payer_changed") in messages
    assert ("carl", "payer_changed") not in messages


def test_leaving_by_button(face: Face) -> None:
    face.world.add_member("carl")
    preview = face.types("carl", "leave acme")

    face.presses(
        "carl", "leave", preview["blocks"][-1]["elements"][0]["value"], listed="ending"
    )

    assert (
        face.replies()[0]["text"]
        == "You left *Acme*.\nYou can undo this for 10 minutes."
    )
    assert face.world.roles_by_name() == {"ada": "owner"}


def test_a_forged_value_does_nothing_and_says_so(face: Face) -> None:
    face.world.add_member("carl")
    resource = face.world.events_of_type(MemberJoined)[0].resource

    for action, value in {
        "remove": f"{resource} P999",
        "leave": "R999",
        "accept": "I999",
        "events_page": "[1",
        "members_page": f"{resource} 99999999999",
        "more": "nonsense",
        "from_an_older_version": "x",
    }.items():
        assert face.presses("carl", action, value) == {}
    texts = [reply["text"] for reply in face.replies()]

    assert len(texts) == 7
    assert sum("older version of Collab" in text for text in texts) == 2
    assert face.world.roles_by_name() == {"ada": "owner", "carl": "admin"}


@pytest.mark.parametrize(
    "value",
    [
        f'["acme",{10**30},null,null,[],0]',
        f'["acme",{-(10**30)},null,null,[],0]',
        '["acme",1e999,null,null,[],0]',
        '["acme",null,null,null,[],1e999]',
        '["acme",Infinity,null,null,[],-Infinity]',
        '["acme",NaN,null,null,[],NaN]',
        '["acme",null,{"a":1},null,[],0]',
        '["acme",null,null,{"a":1,"b":2},[],0]',
        pytest.param("[" * 1_900, id="deep"),
    ],
)
def test_a_forged_page_of_events_is_no_defect(
    face: Face, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    assert face.presses("ada", "events_page", value, listed="pages") == {}
    assert len(face.replies()) == 1
    assert [
        record for record in caplog.records if record.levelno >= logging.ERROR
    ] == []


@pytest.mark.parametrize("zone", ["Etc/GMT-14", "Asia/Tokyo", "UTC", "Etc/GMT+12"])
def test_the_first_and_the_last_day_of_the_calendar_are_answered_in_every_time_zone(
    face: Face, zone: str
) -> None:
    face.world.read_profile("ada", tz=zone)
    assert (
        "Activity in *Acme*"
        in face.types("ada", "events acme since 0001-01-01")["text"]
    )
    assert (
        "No activity found" in face.types("ada", "events acme since 9999-12-31")["text"]
    )
    assert (
        "Access can last"
        in face.types("ada", "invite <@UCARL> admin acme until 9999-12-31")["text"]
    )
    assert (
        "That day has passed"
        in face.types("ada", "invite <@UCARL> admin acme until 0001-01-01")["text"]
    )


def test_pages_turn_in_place(face: Face) -> None:
    for n in range(45):
        face.types("ada", f"invite p{n}@example.com admin acme")
    first = face.types("ada", "events acme")
    face.replies()
    value = first["blocks"][-1]["elements"][0]["value"]

    seen = [first["text"]]
    for _ in range(2):
        face.presses("ada", "events_page", value, listed="pages")
        (page,) = face.replies()
        assert page["replace_original"] is True
        seen.append(page["text"])
        value = (page["blocks"][-1].get("elements") or [{}])[0].get("value", "")

    assert all(
        sum(f"p{n}@example.com as" in text for text in seen) == 1 for n in range(45)
    )
    assert value == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dance", "There's no command called “dance”"),
        ("invite <@UCARL> admin nowhere", "I can't find “nowhere”"),
        ("invite <@UCARL> admin acmee", "Did you mean `acme`?"),
        ("invite <@UADA> admin acme", "You can't invite yourself"),
        ("invite <@UCARL> admin acme for 1h", "Access can last from 1 day"),
        ("invite <@UCARL> admin acme until 2020-01-01", "That day has passed"),
        ("invite <@UBOT> admin acme", "That account is a bot"),
        ("revoke nobody@x.example acme", "nobody@x.example has no pending"),
        (
            f'invite <@UCARL> admin acme note "{"x" * 501}"',
            "The note has 501 characters",
        ),
        ("remove <@UCARL> acme", "doesn't have a role on *Acme*"),
        ("revoke <@UCARL> acme", "no pending invitation"),
        ("unlink", "doesn't get updates about anything you can see"),
        ("unlink acme", "doesn't get updates about *Acme*"),
        ("create company " + "x" * 81, "That name has 81 characters; the limit is 80."),
        ("events acme since yesterday", "“yesterday” isn't a date I understand"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(
    face: Face, line: str, words: str
) -> None:
    assert words in face.types("ada", line)["text"]


def test_a_guest_a_foreigner_and_an_unknown_workspace_get_words(face: Face) -> None:
    face.world.read_profile("sam", guest=True)
    assert "Guests can't create" in face.types("sam", "create company Mine")["text"]

    assert face.presses("eve@T2", "revoke", face.world.send_invitation("carl")) == {}
    assert "from another workspace" in face.replies()[0]["text"]

    face.known = False
    assert (
        "isn't set up in this workspace" in face.types("eve@T2", "members acme")["text"]
    )
    said = len(face.replies())
    for action_id in ("accept", "members_page", "no_such_action"):
        assert (
            face.presses(
                "eve@T2",
                action_id,
                "R1",
                listed="members acme",
                team={"id": "T0NOBODY"},
            )
            == {}
        )
    assert len(face.replies()) == said


def test_profiles_of_those_who_are_known_are_kept(face: Face) -> None:
    user = {
        "id": "UCARL",
        "team_id": TEAM_ID,
        "tz": "Asia/Tokyo",
        "locale": "ja-JP",
        "is_ultra_restricted": True,
    }
    profile = {
        "display_name": "",
        "real_name": "Carl M",
        "email": "Carl@Client.example",
    }
    before = len(face.world.events_of_type(PersonProfiled))

    assert face.happens("user_change", {**user, "profile": profile}) == {}
    assert len(face.world.events_of_type(PersonProfiled)) == before
    face.world.send_invitation("carl@client.example")
    assert face.happens("team_join", {**user, "profile": profile}, "Ev2") == {}

    kept = face.world.events_of_type(PersonProfiled)[-1]
    assert (kept.title, kept.tz, kept.guest, kept.active, kept.bot) == (
        "Carl M",
        "Asia/Tokyo",
        True,
        True,
        False,
    )
    assert len(face.world.pending_invitation_ids("carl")) == 1


@pytest.mark.rule("PER-02")
def test_a_foreign_profile_with_a_known_address_makes_nobody_known(face: Face) -> None:
    face.world.send_invitation("zed@example.com")
    user = {
        "id": "UEVE",
        "team_id": "T0OTHER",
        "is_stranger": True,
        "profile": {"email": "zed@example.com"},
    }
    assert face.happens("user_change", user) == {}
    assert "UEVE" not in {
        event.user for event in face.world.events_of_type(PersonRecognised)
    }


def test_anyone_who_waits_for_slack_to_tell_a_language_takes_nobodys_turn(
    acme: Scenario,
) -> None:
    asking, answered = threading.Event(), threading.Event()

    def wait_for_locale(by: Caller) -> str | None:
        if by.account == acme.account_of("ada"):
            asking.set()
            answered.wait(10)
        return None

    face = Face(
        acme, get_locale=wait_for_locale, priority_gate=PriorityGate(FairLock().acquire)
    )
    ada = threading.Thread(target=face.types, args=("ada", "mine"))
    ada.start()
    assert asking.wait(10)
    assert not answered.is_set()
    assert "You're all caught up" in face.types("carl", "invitations")["text"]
    answered.set()
    ada.join(10)
    assert not ada.is_alive()


class Broken:
    """A core that cannot do what it is asked."""

    def __init__(self, world: Scenario, mistake: Exception) -> None:
        self._bus = world.bus
        self._mistake = mistake
        self.roles = world.bus.roles

    def execute(self, _command: Any, _at: datetime, *_: Any, **__: Any) -> Any:
        raise self._mistake

    query = dry_run = execute

    def read(self, workspace: WorkspaceId) -> Any:
        return self._bus.read(workspace)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [(Unavailable("busy"), "couldn't save"), (KeyError("xoxb-secret"), "went wrong")],
)
def test_a_mistake_gets_a_word_with_the_logs_id_and_leaks_nothing(
    acme: Scenario, caplog: pytest.LogCaptureFixture, mistake: Exception, words: str
) -> None:
    invitation = acme.send_invitation("carl")
    acme.take_outbox()
    acme.bus = Broken(acme, mistake)  # type: ignore[assignment]
    face = Face(acme)

    answer = face.types("ada", "invite <@UDEVI> admin acme note secret-note")
    face.presses("carl", "accept", invitation)
    (reply,) = face.replies()
    window = face.submits("carl", "decline", invitation, note="secret-reason")
    event = face.happens(
        "user_change", {"id": "UADA", "profile": {"email": "ada@secret.example"}}
    )

    assert words in answer["text"]
    assert answer["text"].split("`")[-2] in caplog.text
    assert words in reply["text"]
    assert words in window["view"]["blocks"][0]["text"]["text"]
    assert event == (503 if isinstance(mistake, Unavailable) else {})
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (
            {
                "type": "event_callback",
                "event": {"type": "reaction_added", "text": "hi"},
                "team_id": TEAM_ID,
            },
            {},
        ),
        (
            {
                "type": "event_callback",
                "event": {"type": "channel_x", "channel": "C1"},
                "team_id": TEAM_ID,
            },
            {},
        ),
        (
            {
                "type": "view_closed",
                "view": {"callback_id": "decline"},
                "team": {"id": TEAM_ID},
                "user": {"id": "U1"},
            },
            {},
        ),
        (
            {
                "type": "view_closed",
                "view": {"callback_id": "gone"},
                "team": {"id": TEAM_ID},
                "user": {"id": "U1"},
            },
            {},
        ),
        (
            {
                "type": "shortcut",
                "callback_id": "x",
                "team": {"id": TEAM_ID},
                "user": {"id": "U1"},
            },
            400,
        ),
        (
            {
                "type": "dialog_submission",
                "team": {"id": TEAM_ID},
                "user": {"id": "U1"},
            },
            404,
        ),
        ({"command": "/collab", "text": "secret"}, 400),
        (
            {
                "type": "block_actions",
                "actions": [{"action_id": "accept", "block_id": "b"}],
                "secret": 1,
            },
            400,
        ),
        (
            {
                "type": "view_submission",
                "view": {"type": "modal", "callback_id": "gone"},
                "team": {"id": TEAM_ID},
                "user": {"id": "U1"},
            },
            400,
        ),
        ({}, 404),
    ],
)
def test_what_is_not_for_us_is_answered_quietly(
    face: Face, caplog: pytest.LogCaptureFixture, body: dict[str, Any], status: Any
) -> None:
    caplog.set_level(logging.DEBUG)

    assert face.sends(body) == status

    assert "secret" not in caplog.text
    assert "hi" not in [record.getMessage() for record in caplog.records]


def test_the_environment_chooses_nothing(
    acme: Scenario, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    for name in (
        "SLACK_BOT_TOKEN",
        "SLACK_CLIENT_ID",
        "SLACK_CLIENT_SECRET",
        "SLACK_SIGNING_SECRET",
    ):
        monkeypatch.setenv(name, "from-the-environment")

    face = Face(acme)

    assert face.app.oauth_flow is None
    assert face.app.installation_store is None
    assert "You're all caught up" in face.types("ada", "")["text"]


def test_over_http_a_signature_is_needed(acme: Scenario) -> None:
    face = Face(acme, signing_secret=SECRET, socket=False)
    body = (
        "command=%2Fcollab&text=help&team_id=T1&user_id=UADA&trigger_id=t&channel_id=C1"
    )
    headers: dict[str, str | Sequence[str]] = {
        "content-type": "application/x-www-form-urlencoded"
    }

    unsigned = face.app.dispatch(BoltRequest(body=body, headers=headers))
    signature = SignatureVerifier(SECRET)
    stamp = str(int(signature.clock.now()))
    signed: dict[str, str | Sequence[str]] = {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature.generate_signature(timestamp=stamp, body=body)
        or "",
    }
    answer = face.app.dispatch(BoltRequest(body=body, headers={**headers, **signed}))

    assert unsigned.status == 401
    assert answer.status == 200
    assert json.loads(answer.body)["response_type"] == "ephemeral"


def test_the_base_class_of_parse_errors_has_a_name() -> None:
    assert ParseError("x").name == "parse_error"


ORGANISATION = "E0GRID"


def person_of(world: Scenario, user: str) -> Person:
    with world.database.unit_of_work_factory.read(TEAM_ID) as facts:
        found = facts.people.find_person_by_account(Account(TEAM_ID, user))
    assert found
    return found


@pytest.fixture
def grid(acme: Scenario) -> Face:
    """Acme's workspace belongs to an organisation."""
    acme.execute(
        InstallWorkspace(Caller(TEAM_ID, None, "cli"), "Acme HQ", "UBOT", ORGANISATION)
    )
    return Face(acme, organisation=ORGANISATION)


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("known", [True, False])
def test_an_invitation_is_answered_from_another_workspace_of_the_organisation(
    grid: Face, known: bool
) -> None:
    if known:
        grid.world.register_people("carl")
    invitation = grid.world.send_invitation("carl")
    grid.presses("carl@T0OTHER", "accept", invitation, enterprise={"id": "E0OTHER"})
    assert grid.world.roles_by_name().get("carl") == (None if known else "admin")
    grid.presses("carl@T0GRIDC", "accept", invitation, enterprise={"id": ORGANISATION})
    assert grid.world.roles_by_name()["carl"] == "admin"
    assert len(grid.world.events_of_type(MemberJoined)) == 2


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("team", ["T0GRIDC", ORGANISATION, "T0OTHER"])
def test_a_changed_profile_leaves_an_owner_where_they_are(
    grid: Face, team: str
) -> None:
    grid.happens(
        "user_change",
        {
            "id": "UADA",
            "team_id": team,
            "name": "ada",
            "profile": {"display_name": "Ada L."},
        },
    )
    assert grid.world.events_of_type(PersonProfiled)[-1].title == "Ada L."
    assert grid.world.roles_by_name() == {"ada": "owner"}
    assert "<@UADA> (you) · owner" in grid.types("ada", "members acme")["text"]


@pytest.mark.parametrize("kind", ["user_change", "team_join"])
def test_an_account_that_returns_is_active_again(grid: Face, kind: str) -> None:
    grid.world.add_member("carl")
    grid.happens(
        "user_change", {"id": "UCARL", "team_id": TEAM_ID, "deleted": True}, "Ev1"
    )
    assert not person_of(grid.world, "UCARL").active
    grid.happens(kind, {"id": "UCARL", "team_id": TEAM_ID, "deleted": False}, "Ev2")
    assert person_of(grid.world, "UCARL").active
    assert grid.world.roles_by_name() == {"ada": "owner", "carl": "admin"}


INJECTED = "U1> <!channel> <https://evil.example|click"


def test_a_payload_with_something_else_for_an_id_is_answered_400(grid: Face) -> None:
    before = grid.world.list_recorded_events()
    press = {
        "type": "block_actions",
        "team": {"id": TEAM_ID},
        "user": {"id": "UADA", "team_id": TEAM_ID},
        "trigger_id": "t.1",
        "actions": [{"action_id": "create_open", "block_id": "b", "value": "home"}],
    }
    state = {"values": {"who": {"who": {"selected_users": [INJECTED]}}}}
    view: dict[str, Any] = {
        "type": "modal",
        "id": "V1",
        "hash": "h",
        "callback_id": "invite",
        "state": {"values": {}},
    }
    sent: dict[str, Any] = {
        "type": "view_submission",
        "team": {"id": TEAM_ID},
        "user": press["user"],
        "trigger_id": "t.1",
        "view": view,
    }
    typed = {
        "command": "/collab",
        "text": "",
        "team_id": TEAM_ID,
        "user_id": "UADA",
        "trigger_id": "t.1",
    }
    for malformed in (
        {**press, "user": {"id": INJECTED, "team_id": TEAM_ID}},
        {**press, "user": {"id": "UADA", "team_id": "nowhere"}},
        {**press, "trigger_id": "a b"},
        {**press, "view": {"type": "modal", "id": "V1", "state": state}},
        {**sent, "view": {**view, "id": "<V1>"}},
        {**typed, "user_id": INJECTED},
        {**typed, "trigger_id": ["t"]},
        {**typed, "channel_id": "C1> <!here>"},
    ):
        assert grid.sends(malformed) == 400
    for event in (
        {"type": "app_home_opened", "tab": "home", "user": INJECTED},
        {"type": "user_change", "user": "U1"},
    ):
        envelope = {
            "type": "event_callback",
            "team_id": TEAM_ID,
            "authorizations": [{"team_id": TEAM_ID}],
        }
        assert grid.sends({**envelope, "event_id": "Ev1", "event": event}) == 400
    assert grid.world.list_recorded_events() == before


@pytest.mark.parametrize(
    ("callback", "field", "value"),
    [
        ("form", "whom", {"selected_users": ["UCARL", INJECTED]}),
        ("form", "by", {"selected_user": INJECTED}),
        ("form", "channel", {"selected_conversation": "C1> <!here>"}),
    ],
)
def test_something_else_in_a_field_for_a_person_or_a_channel_is_refused_there(
    grid: Face, callback: str, field: str, value: dict[str, Any]
) -> None:
    before = grid.world.list_recorded_events()
    answer = grid.submits("ada", callback, "acme", "h1", **{field: value})
    assert (answer["response_action"], list(answer["errors"])) == ("errors", [field])
    assert grid.world.list_recorded_events() == before


CARL = (
    "<@UCARL>",
    "<@UCARL|carl>",
    "<mailto:carl@example.com|carl@example.com>",
    "Carl@Example.COM",
)


@pytest.mark.rule("INV-12")
@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("other", [*CARL, "<@UCARL> carl@example.com <@UCARL>"])
@pytest.mark.parametrize("first", CARL)
def test_a_person_who_is_named_twice_in_a_line_is_invited_once(
    face: Face, first: str, other: str
) -> None:
    face.world.register_people("carl")
    answer = face.types("ada", f"invite {first} {other} admin acme")
    assert "You invited <@UCARL> to *Acme* as an *admin*." in answer["text"]
    assert "people" not in answer["text"]
    assert len(face.world.events_of_type(InvitationSent)) == 1
    assert not face.world.events_of_type(InvitationResent)
    assert face.world.take_recipients_of("invitation") == ["carl"]


@pytest.mark.rule("INV-12")
@pytest.mark.parametrize(
    "written", ["carl@example.com", "CARL@example.com, carl@example.com"]
)
def test_a_person_who_is_chosen_and_written_in_the_window_is_invited_once(
    face: Face, written: str
) -> None:
    face.world.register_people("carl", "devi")
    acme = face.world.get_resource("acme").id
    answer = face.submits(
        "ada",
        "form",
        "invite",
        "h1",
        whom={"selected_users": ["UCARL", "UDEVI"]},
        whom_mail=written,
        lasts="",
        note="",
        whats={"selected_options": [{"value": acme}]},
        **{"role invite company": {"selected_option": {"value": "admin"}}},
    )
    assert [e.person for e in face.world.events_of_type(InvitationSent)] == [
        face.world.person_id_of("carl"),
        face.world.person_id_of("devi"),
    ]
    assert not face.world.events_of_type(InvitationResent)
    assert str(answer).count("<@UCARL>") == 1


@pytest.mark.rule("PER-02")
def test_a_partner_is_one_person_however_they_are_named(face: Face) -> None:
    world = face.world
    world.create_resource("app", "Shop", "acme")
    face.happens("app_home_opened", "UEVE", tab="home")
    face.types("ada", "invite <@UEVE> admin acme")
    face.presses("eve@T2", "accept", world.pending_invitation_ids("eve@T2")[0])
    world.read_profile("eve@T2", is_external=True)
    assert "<@UEVE> is" in face.types("ada", "invite <@UEVE> admin acme")["text"]
    face.types("ada", "invite <@UEVE> developer shop")
    face.presses("eve@T2", "accept", world.pending_invitation_ids("eve")[0])
    assert world.roles_by_name("shop")["eve"] == "developer"
    assert (
        "<@UEVE> can deploy *Shop*"
        in face.types("ada", "why <@UEVE> shop code")["text"]
    )
    face.confirms("ada", "role <@UEVE> manager shop")
    assert world.roles_by_name("shop")["eve"] == "manager"
    assert "Remove <@UEVE>" in face.types("ada", "remove <@UEVE> acme")["text"]
    assert len({e.person for e in world.events_of_type(InvitationSent)}) == 1
