import logging
import ssl
import threading
import time
from contextlib import contextmanager

import pytest

from bot.alarms import Mail
from bot.domain.errors import AlarmError, ConfigError
from tests.builders import NOON
from tests.flows.conftest import TurnedClock
from tests.servers.smtp import PASSWORD, USER, SmtpServer

WORDS = "1 new problem:\n- may-day on mastodon is late\nRun `status` to see what to do."
TO = ["anna@example.org", "boris@example.org"]


def mail(server, **changes):
    given = {
        "to": TO,
        "sender": "bot@example.org",
        "server": "127.0.0.1",
        "port": server.port,
        "clock": TurnedClock(NOON),
        "plain": True,
        **changes,
    }
    return Mail(**given)


@contextmanager
def ends_after(seconds, gone):
    """Let a server go in any case, for a client that waits for ever."""
    timer = threading.Timer(seconds, gone.set)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def trusting(certificate):
    return ssl.create_default_context(cafile=str(certificate[0]))


def test_a_letter_carries_the_words_to_everybody(smtp):
    mail(smtp).tell(WORDS)

    (letter,) = smtp.letters
    assert letter.get_content().strip() == WORDS
    assert (letter["Subject"], letter["From"], letter["To"]) == (
        "1 new problem",
        "bot@example.org",
        ", ".join(TO),
    )
    assert letter["Date"].datetime == NOON
    assert letter["Message-ID"].endswith("@example.org>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert [line for line in smtp.said if line.startswith("rcpt TO")] == [f"rcpt TO:<{one}>" for one in TO]


def test_the_machine_does_not_tell_its_name(smtp):
    mail(smtp).tell(WORDS)

    assert smtp.said[0] == "ehlo [127.0.0.1]"


def test_nothing_is_said_before_it_is_encrypted(certificate):
    with SmtpServer(certificate) as smtp:
        mail(smtp, plain=False, user=USER, password=lambda: PASSWORD, context=trusting(certificate)).tell(
            WORDS
        )

    assert smtp.plain_said == ["ehlo [127.0.0.1]", "STARTTLS"]
    assert len(smtp.letters) == 1


def test_a_server_without_encryption_is_told_neither_words_nor_password(smtp):
    with pytest.raises(AlarmError, match="offers no encryption"):
        mail(smtp, plain=False, user=USER, password=lambda: PASSWORD).tell(WORDS)

    assert smtp.letters == []
    assert not any(line.startswith("AUTH") for line in smtp.said)


def test_a_server_that_nobody_vouches_for_is_told_nothing(certificate):
    unknown = pytest.raises(AlarmError, match=r"mail server was not reached: .*certificate")
    with SmtpServer(certificate) as smtp, unknown:
        mail(smtp, plain=False, user=USER, password=lambda: PASSWORD).tell(WORDS)

    assert smtp.said == ["ehlo [127.0.0.1]", "STARTTLS"]


def test_on_its_own_port_a_server_is_spoken_to_encrypted_from_the_start(certificate):
    with SmtpServer(certificate, from_the_start=True) as smtp:
        encrypted = {"plain": False, "from_the_start": True, "context": trusting(certificate)}
        mail(smtp, **encrypted).tell(WORDS)

    assert (len(smtp.letters), smtp.plain_said) == (1, [])


def test_a_password_is_read_when_it_is_used(smtp):
    def missing():
        raise ConfigError("the file smtp cannot be read: No such file or directory")

    with pytest.raises(AlarmError, match="the file smtp cannot be read"):
        mail(smtp, user=USER, password=missing).tell(WORDS)

    assert smtp.letters == []


def test_a_wrong_password_is_said_without_it(smtp):
    smtp.wrong_password = True

    with pytest.raises(AlarmError) as failed:
        mail(smtp, user=USER, password=lambda: PASSWORD).tell(WORDS)

    assert str(failed.value) == "the mail server: it does not accept the user and password (535)"


def test_an_address_that_is_refused_does_not_keep_the_letter_from_the_others(smtp, caplog):
    smtp.refuses = ("anna@",)
    with caplog.at_level(logging.WARNING):
        mail(smtp).tell(WORDS)

    assert len(smtp.letters) == 1
    assert "the mail server refuses 1 address" in caplog.text
    assert "anna" not in caplog.text


def test_a_letter_that_nobody_gets_has_not_arrived(smtp):
    smtp.refuses = tuple(TO)

    with pytest.raises(AlarmError, match="refuses every address"):
        mail(smtp).tell(WORDS)


@pytest.mark.parametrize("bad", ["silent", "drips"])
def test_a_server_that_does_not_come_to_an_end_costs_no_more_than_the_limit(bad):
    began = time.monotonic()
    with (
        SmtpServer(**{bad: True}) as smtp,
        ends_after(5, smtp.gone),
        pytest.raises(AlarmError, match="no answer within 0 s"),
    ):
        mail(smtp, seconds=0.2).tell(WORDS)

    assert time.monotonic() - began < 2


def test_a_server_that_is_not_there_is_one_sentence(smtp):
    with pytest.raises(AlarmError, match=r"^the mail server was not reached: Connection refused$"):
        mail(smtp, port=9).tell(WORDS)
