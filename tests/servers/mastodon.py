"""mastodon-mock, on a thread of the tests: somebody else's idea of a Mastodon server."""

import urllib.request

TOKEN = "mastodon-mock-token"
HANDLE = "campaign"


class MastodonMock:
    """One server with our account on it."""

    def __init__(self) -> None:
        # Half a second that only the tests which need it pay for.
        from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig
        from mastodon_mock.testing import MockServer

        ours = SeedAccount(username=HANDLE, bot=True, access_token=TOKEN)
        theirs = SeedAccount(username="someone", access_token=f"{TOKEN}-someone")
        seed = SeedConfig(accounts=[ours, theirs])
        config = MastodonMockConfig(database=DatabaseConfig(path=":memory:"), seed=seed)
        self._server = MockServer(config=config).start()
        self.url: str = self._server.base_url
        self.judge = self._server.client(HANDLE)
        self.supporter = self._server.client("someone")

    def reset(self) -> None:
        """Forget everything but our account."""
        with urllib.request.urlopen(f"{self.url}/api/v1/_mock/reset", data=b""):
            pass

    def stop(self) -> None:
        """End it."""
        self._server.stop()
