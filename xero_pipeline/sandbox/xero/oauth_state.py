"""What the identity server remembers: apps and the scopes they may have, connections, codes and refresh tokens.

Instants are kept as ISO 8601 text in UTC, so that all of it is plain JSON. Source: xero.md sections 4 and 5.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass

OPENID_SCOPES = frozenset({"openid", "profile", "email"})
BOTH_WAYS = ("contacts", "settings", "invoices", "payments", "banktransactions", "manualjournals", "attachments")
# Broad scopes such as accounting.transactions are not given to apps made since 2 March 2026 (xero.md section 4).
GRANULAR = frozenset(
    {f"accounting.{name}{suffix}" for name in BOTH_WAYS for suffix in ("", ".read")}
    | {"accounting.budgets.read", "accounting.journals.read"}
    | {f"accounting.reports.{name}.read" for name in ("trialbalance", "aged", "profitandloss", "balancesheet")}
)
CONNECTIONS_SCOPE = "app.connections"
WEB_SCOPES = GRANULAR | OPENID_SCOPES | {"offline_access"}


@dataclass(slots=True)
class App:
    """An app registered with Xero. A custom connection belongs to one organisation (`tenant_id`); a web app asks its users."""

    client_id: str
    client_secret: str
    name: str
    tenant_id: str = ""
    connected: bool = True

    @property
    def custom(self) -> bool:
        """Whether it is a custom connection."""
        return bool(self.tenant_id)


@dataclass(slots=True)
class Connection:
    """One organisation that a user let a web app into. Instants are ISO 8601 text in UTC."""

    id: str
    client_id: str
    user_id: str
    tenant_id: str
    auth_event_id: str
    created: str
    updated: str


@dataclass(slots=True)
class Code:
    """An authorization code: single use, five minutes, bound to its redirect and to the PKCE challenge if one was given."""

    client_id: str
    user_id: str
    auth_event_id: str
    scopes: list[str]
    redirect_uri: str
    challenge: str
    challenge_method: str
    nonce: str
    expires: str

    def proved_by(self, verifier: str) -> bool:
        """Whether the PKCE verifier (43 to 128 characters) belongs to the challenge; without a challenge nothing is to prove."""
        if not self.challenge:
            return True
        if not 43 <= len(verifier) <= 128:
            return False
        proof = verifier
        if self.challenge_method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return secrets.compare_digest(proof, self.challenge)


@dataclass(slots=True)
class Refresh:
    """A refresh token: 60 days; once rotated it may be tried again for 30 minutes, in case the answer was lost."""

    client_id: str
    user_id: str
    auth_event_id: str
    scopes: list[str]
    expires: str
    public: bool = False
    rotated: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom an access token stands for; `user_id` is empty for client credentials."""

    client_id: str
    user_id: str
    scopes: frozenset[str]
    app: App
