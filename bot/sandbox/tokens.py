"""The tokens of a Bluesky session: made here, and read as strictly as the real server reads them."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Refusal = tuple[int, str, str]
"""A status, words, and the name of an error."""


@dataclass(slots=True)
class Tokens:
    """The tokens of one account, signed with a secret that lives as long as the server."""

    account: str
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def make(self, kind: str, now: datetime, life: timedelta) -> str:
        """A token that opens what its kind opens."""
        claims = {
            "scope": f"com.atproto.{kind}",
            "sub": self.account,
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "jti": secrets.token_hex(8),
        }
        head = _base64(json.dumps({"typ": "at+jwt", "alg": "HS256"}).encode())
        body = f"{head}.{_base64(json.dumps(claims).encode())}"
        return f"{body}.{self._signature(body)}"

    def claims(self, token: str, kind: str, now: datetime) -> dict[str, Any] | Refusal:
        """What a token says, or why it is refused."""
        if not token:
            return 401, "Authentication Required", "AuthMissing"
        body, _, signature = token.rpartition(".")
        if not body or not hmac.compare_digest(self._signature(body), signature):
            return 400, "Malformed token", "InvalidToken"
        part = body.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        if claims["scope"] != f"com.atproto.{kind}":
            return 400, "Bad token scope", "InvalidToken"
        if claims["exp"] < now.timestamp():
            return 400, "Token has expired", "ExpiredToken"
        return claims

    def _signature(self, body: str) -> str:
        return _base64(hmac.new(self._secret, body.encode(), hashlib.sha256).digest())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
