"""What a server on which the contract is tried cannot answer, and why.

A test of such a capability must fail there. One that passes is a server that has learnt it: the line goes.
"""

import functools

import pytest

from bot.domain.errors import PlatformError

UNANSWERED = {
    ("memory", "credentials"): "it has none",
    ("memory", "network"): "it is not reached over one",
    ("memory", "clock"): "it has none",
    ("memory", "language"): "it keeps texts only",
    ("memory", "limits"): "it counts nothing",
    ("memory", "own limits"): "it counts nothing",
    ("memory", "bot label"): "its accounts have no profile",
    ("memory", "may write"): "it has no credentials that could lack it",
    ("mastodon-mock", "flat links"): "it counts links in full",
    ("mastodon-mock", "may write"): "it does not tell the scopes of a token",
    ("real-bluesky", "age"): "a record is found by its name, however old it is",
    ("real-bluesky", "flat links"): "Bluesky counts links in full",
    ("real-bluesky", "own limits"): "Bluesky has the same limits everywhere",
    ("sandbox-bluesky", "age"): "a record is found by its name, however old it is",
    ("sandbox-bluesky", "flat links"): "Bluesky counts links in full",
    ("sandbox-bluesky", "own limits"): "Bluesky has the same limits everywhere",
    ("sandbox-x", "bot label"): "X does not say how an account is labelled",
    ("sandbox-x", "language"): "X has no field for the language of a post",
    ("sandbox-x", "own limits"): "X has the same limits everywhere",
    ("sandbox-x", "same key"): "X knows no keys: a second request is a duplicate, and in doubt",
}


def capability(name):
    """Say what a test needs of the server; where the table says it cannot, the test must fail."""

    def mark(test):
        @functools.wraps(test)
        def tried(stage, *args, **kwargs):
            if (stage.name, name) not in UNANSWERED:
                return test(stage, *args, **kwargs)
            with pytest.raises((AssertionError, PlatformError, pytest.fail.Exception)):
                test(stage, *args, **kwargs)
            return None

        tried.capability = name
        return tried

    return mark
