import pytest

from tests.servers.smtp import SmtpServer
from tests.servers.tls import certificate_in
from tests.servers.web import WebServer


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody but the tests trusts: its file, and that of its key."""
    return certificate_in(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def web():
    """A web server that says that all is well."""
    with WebServer() as server:
        yield server


@pytest.fixture
def smtp():
    """A mail server that knows no encryption."""
    with SmtpServer() as server:
        yield server
