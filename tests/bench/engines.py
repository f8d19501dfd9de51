"""The same questions put to PyCasbin and to cedarpy, each with the whole world in its memory.

Both get facts in the form that serves them best: roles on one resource are roles of their own, a person's memberships
and the rows of our table are links between them, and the rules are as many as the table has roles on an app. For
PyCasbin that is one graph of roles and not one for each domain, for it builds a domain's anew when first asked, by
comparing every link with every role.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain

import casbin
import cedarpy
from casbin.model import Model
from casbin.persist import Adapter

from collab.role_model import Role
from collab.roles import ROLE_MODEL
from tests.bench.world import Given, Question, World

Answers = Callable[[Iterator[Question]], Iterator[bool]]

MODEL = """
[request_definition]
r = person, capability, app
[policy_definition]
p = role, capability
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.capability == p.capability && g(r.person, r.app + ":" + p.role)
"""
RULE = "permit(principal, action in [{actions}], resource is App) when {{ principal in resource.{role} }};"
ROLES = tuple(role for role in ROLE_MODEL["app"].roles if not role.is_derived_only)


def pycasbin(world: World) -> Answers:
    """An enforcer that has read the world."""
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=MODEL), Links(world))
    return lambda questions: (enforcer.enforce(*question) for question in questions)


class Links(Adapter):  # type: ignore[misc]
    """Gives PyCasbin the world as lists, as its own adapter for files does."""

    def __init__(self, world: World) -> None:
        self._world = world

    def load_policy(self, model: Model) -> None:
        """The rules for an app, and who is linked to what."""
        model["p"]["p"].policy.extend(
            [role.name, can] for role in ROLES for can in role.capabilities
        )
        model["g"]["g"].policy.extend(
            [given.person, name(given)] for given in self._world.memberships
        )
        model["g"]["g"].policy.extend(
            [name(above), name(there)] for above, there in self._world.follows()
        )


def cedar(world: World) -> Answers:
    """Policies and entities, both read once."""
    policies = cedarpy.PolicySet.from_str("\n".join(rule(role) for role in ROLES))
    entities = cedarpy.Entities.from_json_str(f"[{','.join(entities_of(world))}]")

    def allowed(question: Question) -> bool:
        principal, action, app = (
            uid("Person", question.person),
            uid("Action", question.capability),
            question.app,
        )
        request = {
            "principal": principal,
            "action": action,
            "resource": uid("App", app),
        }
        return cedarpy.is_authorized(request, policies, entities).allowed

    return lambda questions: map(allowed, questions)


def rule(role: Role) -> str:
    """What a role on an app lets one do."""
    return RULE.format(
        actions=", ".join(f'Action::"{can}"' for can in role.capabilities),
        role=role.name,
    )


def entities_of(world: World) -> Iterator[str]:
    """People in their roles, roles in those that follow from them, and apps that know their roles; as JSON."""
    parents: dict[tuple[str, str], list[str]] = {}
    people = (("Person", given.person, given) for given in world.memberships)
    above = (("Role", name(above), there) for above, there in world.follows())
    for kind, member, of in chain(people, above):
        parents.setdefault((kind, member), []).append(name(of))
    for child, names in parents.items():
        yield json.dumps(
            {
                "uid": uid(*child),
                "attrs": {},
                "parents": [uid("Role", parent) for parent in names],
            }
        )
    for app in world.apps:
        roles = {
            role.name: {"__entity": uid("Role", name(Given(app, "", role.name)))}
            for role in ROLES
        }
        yield json.dumps({"uid": uid("App", app), "attrs": roles, "parents": []})


def uid(kind: str, key: str) -> dict[str, str]:
    """An entity's name as Cedar takes it."""
    return {"type": kind, "id": key}


def name(given: Given) -> str:
    """A role on one resource."""
    return f"{given.resource}:{given.role}"
