"""Forms of settings."""

from __future__ import annotations

import pytest

from bot.playground.blockkit import view_errors
from bot.slack.views import settings as settings_views
from collab.limits import Policy
from collab.model import NotificationPreference
from collab.settings import SettingsView
from tests.support.view_builders import RENDERER, check_message


@pytest.mark.parametrize("may_set", [False, True])
def test_settings_forms_keep_slacks_limits_and_preset_current_values(
    may_set: bool,
) -> None:
    own = {
        "lifetime": "90d",
        "reminders": ",".join(f"{n}d" for n in range(1, 60)),
        "quiet-hours": "no",
    }
    policy = Policy().with_settings(own)
    for notices in NotificationPreference:
        view = SettingsView(policy, own, may_set, Policy(), notices)
        mine = settings_views.personal_settings_view(RENDERER, view)
        assert (
            view_errors(mine)
            == view_errors(settings_views.workspace_settings_view(RENDERER, view))
            == []
        )
        assert mine["blocks"][0]["element"]["initial_option"]["value"] == notices
        assert ("settings_open:workspace" in str(mine)) == may_set
        check_message(settings_views.settings_message(RENDERER, view))
    fields = {
        b["block_id"]: b["element"]
        for b in settings_views.workspace_settings_view(RENDERER, view)["blocks"]
        if "element" in b
    }
    assert fields["lifetime"]["initial_option"]["value"] == "90d"
    assert fields["reminders"]["initial_value"] == own["reminders"]
    assert fields["quiet-hours"]["initial_option"]["value"] == "off"
    limits = fields["daily-invitations"]
    assert limits["initial_option"] == limits["options"][0]
    assert limits["options"][0]["text"]["text"] == "Default (50)"
    own = {"daily-invitations": "7"}
    view = SettingsView(policy, own, True, Policy(), notices)
    shown = settings_views.workspace_settings_view(RENDERER, view)
    assert "'initial_option': {'text': {'type': 'plain_text', 'text': '7'" in str(shown)
