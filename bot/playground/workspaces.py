"""The workspaces of a playground, each with a state of its own, and what they share."""

import secrets
from collections.abc import Callable
from pathlib import Path

from bot.playground import manifest, seed_data
from bot.playground.app_tokens import AppTokens
from bot.playground.clock import OffsetClock
from bot.playground.event_stream import EventStream
from bot.playground.fault_injection import FaultSwitches
from bot.playground.mailbox import Mailboxes
from bot.playground.sign_in import SignIn
from bot.playground.sockets import SocketPool
from bot.playground.state import PlaygroundState
from bot.playground.traffic_log import TrafficLog
from bot.playground.tutorial import TutorialProgress
from bot.playground.workspace import SlackWorkspace

OTHER_BOT_USER_ID = "U0COLLABTWO"


def build_states(
    clock: OffsetClock,
    traffic_path: Path | None,
    app: manifest.Manifest,
    *,
    organisation: str | None,
    has_two: bool,
) -> list[PlaygroundState]:
    """Return the state of each workspace; the app is not installed in any.

    With an organisation, both workspaces belong to it.
    """
    stream = EventStream()
    workspaces = [_build_first(app, clock.epoch_seconds)]
    if has_two:
        is_other = organisation is None
        workspaces.append(_build_second(app, clock.epoch_seconds, is_other))
    for workspace in workspaces:
        workspace.organisation = organisation
        if has_two and organisation:
            workspace.organisation_name = seed_data.ORGANISATION_NAME
    app_id = workspaces[0].app_id
    first = PlaygroundState(
        clock=clock,
        manifest=app,
        workspace=workspaces[0],
        stream=stream,
        traffic=TrafficLog(clock, stream, traffic_path),
        faults=FaultSwitches(),
        sockets=SocketPool(
            app_id, lambda up: stream.publish({"type": "connected", "connected": up})
        ),
        tokens=AppTokens(clock.epoch_seconds),
        tutorial=TutorialProgress(stream),
        mailboxes=Mailboxes(stream),
        sign_in=SignIn(workspaces, app.name, clock.epoch_seconds),
        app_token=f"xapp-1-{app_id}-{secrets.token_hex(12)}",
        signing_secret=secrets.token_hex(16),
    )
    states = [first, *(_share(first, each) for each in workspaces[1:])]
    for state in states:
        state.peers = states
    return states


def _share(first: PlaygroundState, workspace: SlackWorkspace) -> PlaygroundState:
    """Return the state of a further workspace of the same app."""
    return PlaygroundState(
        clock=first.clock,
        manifest=first.manifest,
        workspace=workspace,
        stream=first.stream,
        traffic=first.traffic,
        faults=first.faults,
        sockets=first.sockets,
        tokens=first.tokens,
        tutorial=first.tutorial,
        mailboxes=first.mailboxes,
        sign_in=first.sign_in,
        app_token=first.app_token,
        signing_secret=first.signing_secret,
        stop_event=first.stop_event,
    )


def _build_first(app: manifest.Manifest, now: Callable[[], float]) -> SlackWorkspace:
    workspace = SlackWorkspace(seed_data.HOME_TEAM_ID, "Acme HQ", "acme-hq", now)
    seed_data.populate_workspace(workspace, app.name)
    return workspace


def _build_second(
    app: manifest.Manifest, now: Callable[[], float], is_other: bool
) -> SlackWorkspace:
    """Return a workspace of strangers, or of the same organisation."""
    if is_other:
        second = SlackWorkspace(
            seed_data.SECOND_TEAM_ID, "Nordlicht", "nordlicht", now, OTHER_BOT_USER_ID
        )
    else:
        second = SlackWorkspace(seed_data.WEST_TEAM_ID, "Acme West", "acme-west", now)
    seed_data.populate_second_workspace(second, app.name, is_other=is_other)
    return second
