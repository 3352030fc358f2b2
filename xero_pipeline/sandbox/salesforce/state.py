"""What an org is made of besides its records: settings, sessions, and writes that are not visible yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from xero_pipeline.sandbox.salesforce.values import Json


@dataclass(slots=True)
class Settings:
    """What makes this org this org, and the switches of the control API. `page_size` overrides every query's page."""

    org_id: str
    client_id: str
    client_secret: str
    private_key: str
    username: str
    approved_usernames: list[str]
    session_seconds: int = 7200
    daily_api_requests: int = 100_000
    page_size: int | None = None
    validation_rules: list[dict[str, Json]] = field(default_factory=list)
    duplicate_rules: list[dict[str, Json]] = field(default_factory=list)
    sequences: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Token:
    """An access token: whose it is and when it was last used (aware, UTC)."""

    user_id: str
    used: datetime


@dataclass(slots=True)
class Delayed:
    """A write that was made at `stamp` and becomes visible at `visible`: a long transaction seen from outside."""

    object: str
    record_id: str
    body: dict[str, Json]
    user_id: str
    stamp: datetime
    visible: datetime


def new_private_key() -> str:
    """A fresh RSA key, PEM (PKCS 8, not encrypted): the connected app's certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
