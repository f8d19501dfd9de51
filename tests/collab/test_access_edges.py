"""Access at its edges: roles for a limited time count fully until their end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.offers import Term
from tests.support.builders import World


@pytest.mark.rule("ROL-07")
@pytest.mark.rule("ROL-08")
def test_a_role_for_a_limited_time_is_held_until_its_end_and_free_from_then_on(acme: World) -> None:
    acme.knows("devi")
    acme.member("devi", "admin", term=Term(timedelta(days=2)))
    with pytest.raises(refusals.AlreadyHolds):
        acme.invite("devi", "accountant")
    acme.at += timedelta(days=2)
    acme.accept("devi", acme.invite("devi", "accountant"))
    assert acme.members()["devi"] == "accountant"
