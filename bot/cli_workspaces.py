"""`collab workspace`, `collab resource` and `collab secrets`: what the operator of many
workspaces does.
"""

# ruff: noqa: PLC0415 - imported in the commands because `--help` answers at once

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from bot import config
from bot.config import FatalError, InvalidSetting

WORKSPACE_HELP = "The workspace's Slack ID; required if there are several."
STATE_TEXTS = {None: "not installed", False: "on", True: "switched off"}


@click.group()
def workspace() -> None:
    """List the workspaces, and switch Collab off in one of them."""


@workspace.command("list")
def list_workspaces() -> None:
    """List ID, name and state of each workspace, with tabs between."""
    from bot.bootstrap import build_command_bus

    with _use_database() as database:
        bus = build_command_bus(database)
        for workspace_id in database.event_log.list_workspaces():
            with bus.read(workspace_id) as repositories:
                installed = repositories.get_workspace()
            state = STATE_TEXTS[installed.is_disabled if installed else None]
            click.echo(
                f"{workspace_id}\t{installed.title if installed else ''}\t{state}"
            )


@workspace.command()
@click.argument("workspace_id")
def disable(workspace_id: str) -> None:
    """Switch Collab off in a workspace: it answers nothing and sends nothing there.

    Nothing is lost; `collab workspace enable` goes on where it was.
    """
    _switch_workspace(workspace_id, is_enabled=False)
    click.echo(f"Collab is switched off in {workspace_id}.")


@workspace.command()
@click.argument("workspace_id")
def enable(workspace_id: str) -> None:
    """Switch Collab on again in a workspace."""
    _switch_workspace(workspace_id, is_enabled=True)
    click.echo(f"Collab is switched on in {workspace_id}.")


@click.group()
def resource() -> None:
    """Stop one resource of a workspace."""


@resource.command("disable")
@click.argument("name")
@click.option("--workspace", "workspace_id", help=WORKSPACE_HELP)
def disable_resource(name: str, workspace_id: str | None) -> None:
    """Disable a resource by its short name or ID, as its owners can; they are told."""
    _switch_resource(name, workspace_id, is_enabled=False)
    click.echo(f"{name} is disabled.")


@resource.command("enable")
@click.argument("name")
@click.option("--workspace", "workspace_id", help=WORKSPACE_HELP)
def enable_resource(name: str, workspace_id: str | None) -> None:
    """Enable a disabled resource."""
    _switch_resource(name, workspace_id, is_enabled=True)
    click.echo(f"{name} is enabled.")


@click.group()
def secrets() -> None:
    """Look after what COLLAB_SECRET encrypts."""


@secrets.command()
def rotate() -> None:
    """Encrypt the tokens of all workspaces anew, with the first secret.

    Put the new secret before the old one and restart Collab everywhere, then run this;
    it may run all the while. Afterwards the tokens don't need the old secret any more.
    """
    from bot.operator_messages import describe_unreadable_tokens
    from collab.installations import UnreadableTokens

    _, link_secrets = config.read_bounce_settings(os.environ, Path.cwd())
    if not link_secrets:
        raise InvalidSetting("COLLAB_SECRET", "is missing")
    with _use_database() as database:
        try:
            count = database.open_installations(link_secrets).encrypt_anew()
        except UnreadableTokens as error:
            raise FatalError(describe_unreadable_tokens(error.workspace)) from None
    noun = "workspace" if count == 1 else "workspaces"
    click.echo(f"Encrypted the tokens of {count} {noun} with the first secret.")


def _use_database() -> AbstractContextManager[Any]:
    from bot.bootstrap import use_database

    return use_database(config.read_database_url(os.environ, Path.cwd()))


def _switch_workspace(workspace_id: str, *, is_enabled: bool) -> None:
    from bot.bootstrap import build_command_bus, utc_now
    from bot.workspace_choice import choose_workspace
    from collab.errors import UnknownWorkspace
    from collab.model import Caller
    from collab.operators import SwitchWorkspace

    with _use_database() as database:
        chosen = choose_workspace(database.event_log.list_workspaces(), workspace_id)
        command = SwitchWorkspace(Caller(chosen, None, "cli"), is_enabled)
        try:
            build_command_bus(database).execute(command, utc_now())
        except UnknownWorkspace:
            raise FatalError(f"Collab isn't installed in {chosen}") from None


def _switch_resource(name: str, workspace_id: str | None, *, is_enabled: bool) -> None:
    from bot.bootstrap import build_command_bus, utc_now
    from bot.workspace_choice import choose_workspace
    from collab.errors import UnknownResource, UnknownWorkspace
    from collab.model import Caller
    from collab.operators import SwitchResource

    with _use_database() as database:
        chosen = choose_workspace(database.event_log.list_workspaces(), workspace_id)
        command = SwitchResource(Caller(chosen, None, "cli"), name, is_enabled)
        try:
            build_command_bus(database).execute(command, utc_now())
        except UnknownResource:
            raise FatalError(f"There's no {name} in {chosen}") from None
        except UnknownWorkspace:
            raise FatalError(f"Collab isn't installed in {chosen}") from None
