"""Encrypt what must not be readable in the database: tokens of workspaces.

The workspace's id is inside the ciphertext, so that a row that was copied to another
workspace is of no use there.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from collab.installations import UnreadableTokens
from collab.model import WorkspaceId

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEY_BYTES = 32  # of a Fernet key
PURPOSE = b"collab tokens at rest"


class Encryption:
    """Encrypts with the first secret, and decrypts with all."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secrets)

    def encrypt(self, workspace: WorkspaceId, text: str) -> str:
        """Return a text as a ciphertext that only this workspace can use."""
        content = json.dumps([workspace, text]).encode()
        return self._fernet.encrypt(content).decode()

    def decrypt(self, workspace: WorkspaceId, ciphertext: str) -> str:
        """Return the text of a ciphertext; raises UnreadableTokens."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - slow to import

        try:
            content = self._fernet.decrypt(ciphertext.encode())
        except (InvalidToken, UnicodeEncodeError):
            raise UnreadableTokens(workspace) from None
        owner, text = json.loads(content)
        if owner != workspace:
            raise UnreadableTokens(workspace)
        return str(text)

    @cached_property
    def _fernet(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - slow to import

        return MultiFernet([Fernet(_derive_key(each)) for each in self._secrets])


def _derive_key(secret: str) -> bytes:
    """Return the key of a secret; signatures of links have others of the same secret."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE)
    return urlsafe_b64encode(derivation.derive(secret.encode()))
