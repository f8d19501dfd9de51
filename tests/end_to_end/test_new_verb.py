"""A made-up verb works by its row, its handler and its words alone; docs/architecture.md tells how to add one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import templates
from bot import rendering
from bot.reference_tables import verbs_markdown
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.resource_filters import ResourceFilter, is_any
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup, Verb
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import CommandRequest, Services
from bot.slack.routes import COMMAND_HANDLERS
from bot.slack.routing import CommandRoute
from bot.slack.views import Message
from collab.access_queries import ShowResource
from tests.support.app_harness import AppHarness, run_app

ROW = Verb(
    "roles",
    required_slots=(Slot.RESOURCE,),
    usage="roles WHAT",
    summary="lists the roles that somebody can have there",
    example="roles acme",
    request_type=ShowResource,
    menu_group=MenuGroup.EVENTS,
    applies_to={Slot.RESOURCE: ResourceFilter(is_any)},
)
LABEL = '  "verb.roles": _("Roles"),\n'
REPLY = '{{ _("Roles on *{title}*: {roles}", title=resource.title, roles=roles) }}\n'


def show_roles(services: Services, request: CommandRequest) -> Message:
    """List the assignable roles of a resource's type."""
    query = ShowResource(request.caller, get_resource_or_linked(services, request))
    resource = services.bus.query(query, request.at).resource
    roles = [role.name for role in services.bus.roles[resource.kind].assignable_roles]
    return services.build_reply("roles", resource=resource, roles=", ".join(roles))


ROUTE = CommandRoute("roles", show_roles)


@pytest.fixture
def stage(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AppHarness]:
    """The app with one more row, route, label and template."""
    folder = tmp_path / "templates"
    shutil.copytree(Path(templates.__file__).parent, folder)
    labels = (folder / "labels.j2").read_text()
    first_label = '  "verb.help"'
    assert first_label in labels
    (folder / "labels.j2").write_text(labels.replace(first_label, LABEL + first_label))
    (folder / "replies" / "roles.j2").write_text(REPLY)
    monkeypatch.setattr(templates, "__file__", str(folder / "__init__.py"))
    monkeypatch.setitem(VERB_BY_NAME, ROW.name, ROW)
    monkeypatch.setitem(COMMAND_HANDLERS, ROUTE.name, ROUTE.handler)
    forget_templates()
    with run_app(sqlite_url) as harness:
        yield harness
    forget_templates()


def forget_templates() -> None:
    """Have the templates read and compiled again."""
    rendering.load_labels.cache_clear()
    rendering._build_environment.cache_clear()


def test_verb_is_parsed_and_answered(stage: AppHarness) -> None:
    answer = stage.run_command("ada", "/collab roles acme")
    assert answer["text"] == "Roles on *Acme*: owner, admin, accountant"
    assert "I can't find" in stage.run_command("ada", "/collab roles acne")["text"]


def test_verb_is_in_help_and_docs(stage: AppHarness) -> None:
    help_text = stage.run_command("ada", "/collab help roles")["text"]
    assert "Lists the roles that somebody can have there" in help_text
    assert "`/collab roles acme`" in verbs_markdown()


def test_verb_has_a_form(stage: AppHarness) -> None:
    assert stage.run_command("ada", "/collab roles", channel="general") == {}
    view = stage.wait_for_form("ada", "form")
    assert view["title"]["text"] == "Roles"
    options = stage.ada.search_options(view, "find:roles what", "acme")
    stage.ada.submit_view({"find:roles what": options[0]["value"]})
    assert "Roles on *Acme*" in stage.view_text("ada")


def test_verb_is_in_the_menu_of_a_resource(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab show acme")
    message = stage.latest_message("ada", "general")
    assert "'roles R" in str(message["blocks"])
