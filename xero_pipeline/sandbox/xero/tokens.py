"""The JWTs of Xero's identity server: RS256, signed with a key the sandbox made for itself."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from functools import lru_cache

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://identity.xero.com"
AUDIENCE = f"{ISSUER}/resources"
ID_TOKEN_SECONDS = 300


@lru_cache(maxsize=16)
def _key(pem: str) -> rsa.RSAPrivateKey:
    # Kept: reading a key checks its numbers, which takes as long as all else that a kept sandbox needs to go on.
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("The identity server signs with an RSA key.")
    return key


class Signer:
    """Signs and reads tokens. `pem` is the private key; `times` are the sandbox's, so expiry is checked by the caller."""

    def __init__(self, pem: str) -> None:
        self.pem = pem
        key = self._private = _key(pem)
        self._public = key.public_key()
        self._read: dict[str, dict[str, object]] = {}

    @classmethod
    def fresh(cls) -> Signer:
        """A signer with a new key of 2048 bits."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        encoded = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return cls(encoded.decode())

    def access_token(
        self, client_id: str, user_id: str, auth_event_id: str, scopes: list[str], now: datetime, seconds: int
    ) -> str:
        """An access token with the claims Xero gives; without a user, none that speak of one."""
        issued = int(now.timestamp())
        claims: dict[str, object] = {
            "nbf": issued,
            "exp": issued + seconds,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "client_id": client_id,
            "jti": uuid.uuid4().hex,
            "scope": scopes,
        }
        if user_id:
            claims |= {
                "sub": user_id.replace("-", ""),
                "auth_time": issued,
                "xero_userid": user_id,
                "global_session_id": uuid.uuid4().hex,
                "authentication_event_id": auth_event_id,
            }
        return jwt.encode(claims, self._private, "RS256", headers={"kid": "sandbox"})

    def id_token(self, client_id: str, user_id: str, nonce: str, now: datetime) -> str:
        """An id token of five minutes for the sandbox's one user."""
        issued = int(now.timestamp())
        claims: dict[str, object] = {
            "nbf": issued,
            "exp": issued + ID_TOKEN_SECONDS,
            "iss": ISSUER,
            "aud": client_id,
            "iat": issued,
            "sub": user_id.replace("-", ""),
            "xero_userid": user_id,
            "preferred_username": "user@sandbox.example",
            "email": "user@sandbox.example",
            "given_name": "Sandbox",
            "family_name": "User",
        }
        return jwt.encode(
            claims | ({"nonce": nonce} if nonce else {}), self._private, "RS256", headers={"kid": "sandbox"}
        )

    def read(self, token: str) -> dict[str, object] | None:
        """The claims of a token this signer signed, expired or not; None for any other."""
        claims = self._read.get(token)
        if claims is None:
            try:
                claims = jwt.decode(
                    token,
                    self._public,
                    ["RS256"],
                    audience=AUDIENCE,
                    options={"verify_exp": False, "verify_nbf": False},
                )
            except jwt.InvalidTokenError:
                return None
            # Verified once a token: a page is asked for with the same one, and a signature costs more than finding the page.
            if len(self._read) > 1000:
                self._read.clear()
            self._read[token] = claims
        return claims

    def key_set(self) -> dict[str, object]:
        """The public key as a JSON Web Key Set."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._public))
        return {"keys": [key | {"kid": "sandbox", "use": "sig", "alg": "RS256"}]}
