"""What is encrypted is only readable with a secret, and only for its workspace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.installations import UnreadableTokens
from collab.model import WorkspaceId
from storage.encryption import Encryption

ACME, OTHER = WorkspaceId("TACME"), WorkspaceId("TOTHER")
OLD, NEW, FOREIGN = "old" * 12, "new" * 12, "foreign" * 6
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
workspaces = st.text("TE0123456789AB\"[],'\\", min_size=1, max_size=20).map(WorkspaceId)


@given(texts, workspaces)
def test_any_text_comes_back(text: str, workspace: WorkspaceId) -> None:
    encryption = Encryption([NEW])
    assert encryption.decrypt(workspace, encryption.encrypt(workspace, text)) == text


@given(texts, workspaces, workspaces)
def test_a_ciphertext_of_another_workspace_is_refused(
    text: str, owner: WorkspaceId, thief: WorkspaceId
) -> None:
    encryption = Encryption([NEW])
    ciphertext = encryption.encrypt(owner, text)
    if owner == thief:
        return
    with pytest.raises(UnreadableTokens):
        encryption.decrypt(thief, ciphertext)


def test_the_first_secret_encrypts_and_all_decrypt() -> None:
    before = Encryption([OLD]).encrypt(ACME, "xoxb-1")
    both = Encryption([NEW, OLD])
    assert both.decrypt(ACME, before) == "xoxb-1"
    after = both.encrypt(ACME, "xoxb-1")
    assert Encryption([NEW]).decrypt(ACME, after) == "xoxb-1"
    for alone in (OLD, FOREIGN):
        with pytest.raises(UnreadableTokens):
            Encryption([alone]).decrypt(ACME, after)


@pytest.mark.parametrize("damage", ["", "x", "ü", "gAAAAA=="])
def test_what_is_no_ciphertext_is_refused(damage: str) -> None:
    with pytest.raises(UnreadableTokens):
        Encryption([NEW]).decrypt(ACME, damage)


def test_nothing_secret_is_in_a_ciphertext_an_error_or_a_repr() -> None:
    encryption = Encryption([NEW, OLD])
    ciphertext = encryption.encrypt(ACME, "xoxb-secret")
    with pytest.raises(UnreadableTokens) as refused:
        encryption.decrypt(OTHER, ciphertext)
    shown = f"{ciphertext} {refused.value} {refused.value!r} {encryption!r}"
    for secret in ("xoxb-secret", NEW, OLD):
        assert secret not in shown
    assert "TOTHER" in str(refused.value)
