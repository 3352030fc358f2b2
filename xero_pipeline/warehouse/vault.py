"""How tokens are kept: encrypted with a key that is set, or made once and kept in a file only its owner can read."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from xero_pipeline.domain.errors import Permanent, Reconnect

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_FILE = "secret.key"
# A passphrase becomes a key slowly, so that it cannot be guessed quickly; the salt only keeps other programs' tables away.
_SALT = b"xero_pipeline sync.connections"
_COST = {"n": 2**14, "r": 8, "p": 1}


class Vault:
    """Encrypts and decrypts short texts (Fernet: AES-128-CBC with HMAC-SHA256). Its repr shows no key."""

    def __init__(self, key: bytes) -> None:
        # Imported here: only a run that reads tokens pays for it.
        from cryptography.fernet import Fernet

        self._fernet: Fernet = Fernet(key)

    def __repr__(self) -> str:
        return "Vault(********)"

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def decrypt(self, sealed: bytes) -> str:
        """The text again. Raises Reconnect when it was encrypted with another key or is damaged."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(bytes(sealed)).decode()
        except InvalidToken:
            raise Reconnect(
                "The stored tokens were encrypted with another key.",
                next_step="Set XERO_PIPELINE_SECRET_KEY to that key, or connect again with `xero-pipeline connect`.",
            ) from None


def vault(secret_key: str, home: Path) -> Vault:
    """The vault of a key that is set, or of the key file in `home`, which is made when there is none.

    `secret_key` is a Fernet key (32 bytes in URL-safe base64) or any passphrase; empty means the key file. Raises
    Permanent when others may read the key file.
    """
    return Vault(_key(secret_key) if secret_key else _key(_key_file(home)))


def _key(text: str) -> bytes:
    try:
        if len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32:
            return text.encode()
    except ValueError:
        pass
    return base64.urlsafe_b64encode(hashlib.scrypt(text.encode(), salt=_SALT, dklen=32, **_COST))


def _key_file(home: Path) -> str:
    path = home.expanduser() / _FILE
    if not path.exists():
        _make(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Permanent(
            f"{path} can be read by others, and it opens every stored token.", next_step=f"Run `chmod 600 {path}`."
        )
    return path.read_text().strip()


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{_FILE}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # Of two processes that make it at once, the first one's key stands, whole.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
