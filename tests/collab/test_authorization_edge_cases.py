"""Roles for a limited time count fully until their end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.model import Term
from tests.support.builders import Scenario


@pytest.mark.rule("ROL-07")
@pytest.mark.rule("ROL-08")
def test_a_role_for_a_limited_time_is_held_until_its_end_and_free_from_then_on(
    acme: Scenario,
) -> None:
    acme.register_people("devi")
    acme.add_member("devi", "admin", term=Term(timedelta(days=2)))
    with pytest.raises(errors.AlreadyHolds):
        acme.send_invitation("devi", "accountant")
    acme.at += timedelta(days=2)
    acme.accept_invitation("devi", acme.send_invitation("devi", "accountant"))
    assert acme.roles_by_name()["devi"] == "accountant"
