"""Worlds that several of the core's tests begin with."""

from __future__ import annotations

import pytest

from collab.limits import Policy
from storage.database import Database
from tests.support.builders import Scenario


@pytest.fixture
def acme_with_mail(database: Database) -> Scenario:
    """Return Ada's company Acme in a workspace that sends mails."""
    world = Scenario(database, policy=Policy(sends_mail=True))
    world.create_company()
    return world
