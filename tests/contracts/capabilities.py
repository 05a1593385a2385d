"""What a server on which the contract is tried cannot answer, and why.

A test of such a capability must fail there. One that passes is a server that has learnt it: the line goes.
"""

UNANSWERED = {
    ("memory", "credentials"): "it has none",
    ("memory", "network"): "it is not reached over one",
    ("memory", "language"): "it keeps texts only",
    ("memory", "limits"): "it counts nothing",
    ("memory", "bot label"): "its accounts have no profile",
    ("mastodon-mock", "bot label"): "its accounts are people",
    ("mastodon-mock", "flat links"): "it counts links in full",
    ("real-bluesky", "bot label"): "a fresh account has no profile yet",
    ("real-bluesky", "flat links"): "Bluesky counts links in full",
    ("sandbox-bluesky", "flat links"): "Bluesky counts links in full",
    ("sandbox-x", "bot label"): "X does not say how an account is labelled",
    ("sandbox-x", "language"): "X has no field for the language of a post",
    ("sandbox-x", "same key"): "X knows no keys: a second request is a duplicate, and in doubt",
}
