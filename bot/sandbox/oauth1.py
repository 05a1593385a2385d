"""OAuth 1.0a signatures (RFC 5849, HMAC-SHA1), worked out anew from the request that came in."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")


def parameters(header: str) -> dict[str, str]:
    """What an Authorization header says; empty where it is not OAuth."""
    if not header.startswith("OAuth "):
        return {}
    return {name: unquote(value) for name, value in _PARAMETER.findall(header)}


def is_signed(
    method: str,
    url: str,
    query: Mapping[str, Sequence[str]],
    header: str,
    secrets: Mapping[str, str],
) -> bool:
    """Whether a request is signed with our keys. `secrets` are named as in a configuration."""
    given = parameters(header)
    if given.get("oauth_consumer_key") != secrets["consumer_key"]:
        return False
    if given.get("oauth_token") != secrets["access_token"]:
        return False
    pairs = [(name, value) for name, value in given.items() if name not in {"oauth_signature", "realm"}]
    pairs += [(name, value) for name, values in query.items() for value in values]
    encoded = sorted((_escaped(name), _escaped(value)) for name, value in pairs)
    normal = "&".join(f"{name}={value}" for name, value in encoded)
    base = "&".join((method, _escaped(url.partition("?")[0]), _escaped(normal)))
    key = f"{_escaped(secrets['consumer_secret'])}&{_escaped(secrets['access_token_secret'])}"
    made = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
    return hmac.compare_digest(made, given.get("oauth_signature", ""))
