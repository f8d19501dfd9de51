"""The role model as data: resource types, their roles, and the roles derived from them.

ROLE_MODEL, at the end, is the table; docs/roles.md is made from it. The domain reads
this table and names no type and no role, which a test enforces: a new one is a new row.
"""

from __future__ import annotations

from collab.role_model import (
    GROUP_ROLE,
    DerivedRole,
    ResourceType,
    Role,
    build_role_model,
)

CAPABILITIES = (
    "view",
    "edit",
    "delete",
    "disable",
    "migrate",
    "create",
    "configure",
    "scale",
    "code",
    "pay",
    "invoices",
)

CODE_ROLES = (
    Role(
        "admin",
        capabilities=("view", "edit", "delete", "configure", "scale", "code"),
        grants=("admin", "manager", "developer"),
        removes=("manager", "developer"),
    ),
    Role(
        "manager",
        capabilities=("view", "configure", "code"),
        grants=("developer",),
        removes=("developer",),
    ),
    Role("developer", capabilities=("view", "configure", "code")),
    Role(
        "payer",
        capabilities=("view", "edit", "delete"),
        grants=("admin", "manager", "developer"),
        removes=("admin", "manager", "developer"),
        is_derived_only=True,
    ),
)

COMPANY = ResourceType(
    "company",
    ("company", "companies"),
    founder_role="owner",
    stays_as="admin",
    has_plans=True,
    is_reservable=True,
    roles=(
        Role(
            "owner",
            capabilities=("view", "edit", "delete", "create", "pay", "invoices"),
            grants=("owner", "admin", "accountant"),
            removes=("admin", "accountant", "collaborator"),
            min_holders=1,
        ),
        Role(
            "admin",
            capabilities=("view", "create"),
            grants=("admin",),
            removes=("collaborator",),
            creates=("project", "app", "database"),
        ),
        Role("accountant", capabilities=("view", "invoices")),
        Role("collaborator", capabilities=("view",), is_derived_only=True),
    ),
)

PROJECT = ResourceType(
    "project",
    ("project", "projects"),
    founder_role="owner",
    stays_as="administrator",
    container_types=("company",),
    roles=(
        Role(
            "owner",
            capabilities=("view", "edit", "disable", "migrate", "delete", "create"),
            grants=("administrator", "member"),
            removes=("administrator", "member"),
            min_holders=1,
            max_holders=1,
        ),
        Role(
            "administrator",
            capabilities=("view", "edit", "disable", "create"),
            grants=("administrator", "member"),
            removes=("member",),
        ),
        Role("member", capabilities=("view",)),
    ),
)

APP = ResourceType(
    "app",
    ("app", "apps"),
    founder_role="admin",
    container_types=("company", "project"),
    is_paid=True,
    must_stay_controlled=True,
    may_be_offered_together=True,
    stays_as="developer",
    roles=CODE_ROLES,
)

DATABASE = ResourceType(
    "database",
    ("database", "databases"),
    founder_role="admin",
    container_types=("company", "project"),
    is_paid=True,
    must_stay_controlled=True,
    may_be_offered_together=True,
    stays_as="developer",
    roles=CODE_ROLES,
)

PAYMENT = ResourceType(
    "payment",
    ("payment method", "payment methods"),
    founder_role="holder",
    container_types=("company",),
    is_payment_method=True,
    roles=(
        Role(
            "holder",
            capabilities=("view", "edit", "delete", "pay", "invoices"),
            grants=("holder", "accountant"),
            removes=("accountant",),
            min_holders=1,
            also_called=("owner",),
        ),
        Role("accountant", capabilities=("view", "invoices")),
    ),
)

TEAM = ResourceType(
    "team",
    ("team", "teams"),
    founder_role="unlimited",
    is_group=True,
    roles=(
        Role(
            "unlimited",
            capabilities=("view", "edit", "delete"),
            grants=("unlimited", "limited"),
            removes=("unlimited", "limited"),
            min_holders=1,
        ),
        Role("limited", capabilities=("view",)),
    ),
)

ROLE_MODEL = build_role_model(
    COMPANY,
    PROJECT,
    APP,
    DATABASE,
    PAYMENT,
    TEAM,
    derived_roles=(
        DerivedRole(("owner",), "company", "holds", "owner", ("project",)),
        DerivedRole(("owner",), "company", "holds", "admin", ("app", "database")),
        DerivedRole(("owner",), "company", "holds", "holder", ("payment",)),
        DerivedRole(("admin",), "company", "holds", "administrator", ("project",)),
        DerivedRole(("admin",), "company", "holds", "admin", ("app", "database")),
        DerivedRole(("accountant",), "company", "holds", "accountant", ("payment",)),
        DerivedRole(
            ("owner", "administrator"), "project", "holds", "admin", ("app", "database")
        ),
        DerivedRole(("member",), "project", "holds", "developer", ("app", "database")),
        DerivedRole(("holder",), "payment", "pays", "payer", ("app", "database")),
        DerivedRole(
            ("unlimited",), "team", "shares", GROUP_ROLE, ("app", "database", "payment")
        ),
        DerivedRole(("limited",), "team", "assigned", "developer", ("app", "database")),
        DerivedRole(
            ("owner", "administrator", "member"),
            "project",
            "within",
            "collaborator",
            ("company",),
        ),
        DerivedRole(
            ("admin", "manager", "developer", "payer"),
            "app",
            "within",
            "collaborator",
            ("company",),
        ),
        DerivedRole(
            ("admin", "manager", "developer", "payer"),
            "database",
            "within",
            "collaborator",
            ("company",),
        ),
    ),
)
