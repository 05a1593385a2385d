"""The profile texts and pinned posts that go-live.md proposes."""

import re
from pathlib import Path

import pytest

from bot.app import read_tlds
from bot.domain.lengths import graphemes, weigh

PAGE = (Path(__file__).parents[2] / "docs" / "go-live.md").read_text()
PROPOSED = dict(re.findall(r"^```text ([\w-]+)\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL))
OPERATOR = "x" * 20  # the longest name that the page allows
SAFETY = {
    "en": ("do not follow, like, reply or tag", "logged out", "VPN"),
    "be": ("не падпісва", "не лайка", "не адказва", "не адзнача", "без уваходу", "VPN"),
    "ru": ("не подписыва", "не лайка", "не отвеча", "не отмеча", "без входа", "VPN"),
}
ROOM = {"x": 160, "bluesky": 256, "mastodon": 500, "pinned": 280}


def filled(name):
    return PROPOSED[name].replace("OPERATOR", OPERATOR)


def test_each_platform_has_a_profile_and_a_pinned_post_in_each_language():
    languages = ("en", "be", "ru")
    names = [f"{place}-{code}" for place in ("x-bio", "bluesky-bio", "pinned") for code in languages]

    assert set(PROPOSED) == {*names, "mastodon-bio", "pinned-all"}


@pytest.mark.parametrize("name", PROPOSED)
def test_a_proposed_text_fits_its_place(name):
    room = ROOM[name.split("-")[0]]

    assert len(graphemes(filled(name))) <= room
    assert weigh(filled(name), read_tlds()) <= room


@pytest.mark.parametrize("name", PROPOSED)
def test_a_proposed_text_says_how_to_read_safely_in_each_of_its_languages(name):
    text = PROPOSED[name].lower().replace("vpn", "VPN")
    languages = [name[-2:]] if name[-2:] in SAFETY else list(SAFETY)

    assert [part for code in languages for part in SAFETY[code] if part not in text] == []


@pytest.mark.parametrize("name", sorted(set(PROPOSED) - {"pinned-all"}))
def test_a_proposed_text_names_the_operator(name):
    assert "OPERATOR" in PROPOSED[name]
