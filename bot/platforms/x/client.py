"""tweepy's client, on our transport."""

from collections.abc import Sequence
from typing import Any

from bot.platforms.wire import Wire

LIBRARY_HOST = "https://api.twitter.com"  # what tweepy has built in


def client_on(wire: Wire, base_url: str, secrets: Sequence[str]) -> Any:
    """A tweepy client whose session is ours: our transport, our deadline, our host."""
    import tweepy

    from bot.platforms.transports import quieten, session

    quieten("tweepy", "oauthlib", "requests_oauthlib", "urllib3")
    consumer_key, consumer_secret, access_token, access_token_secret = secrets
    client = tweepy.Client(
        consumer_key=consumer_key,
        consumer_secret=consumer_secret,
        access_token=access_token,
        access_token_secret=access_token_secret,
        return_type=dict,
        wait_on_rate_limit=False,
    )
    client.session = session(wire, built_in=LIBRARY_HOST, host=base_url)
    return client
