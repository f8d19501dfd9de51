"""The invited person asks for an expired invitation again, by a button of its card."""

from __future__ import annotations

import pytest

from tests.end_to_end.test_older_messages import messages_with, texts_of
from tests.support.app_harness import AppHarness


@pytest.mark.rule("INV-15")
def test_who_presses_ask_again_is_sent_a_new_invitation(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab invite @devi admin acme")
    harness.advance_time(days=8)
    [card] = messages_with(harness, "devi", "ask_again")
    assert len(messages_with(harness, "ada", "resend")) == 1

    harness.press_button("devi", card, "ask_again")

    assert messages_with(harness, "devi", "ask_again") == []
    assert any("to send it again" in text for text in texts_of(harness, "devi"))
    [asked] = messages_with(harness, "ada", "resend")
    assert "asked you to send the invitation" in asked["text"]

    harness.press_button("ada", asked, "resend")

    assert len(messages_with(harness, "devi", "accept")) == 1
    assert messages_with(harness, "ada", "resend") == []
