"""The queue that ships: what it says, what it rests on, and what it must never say."""

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from bot.app import read_tlds
from bot.domain.account import Voice
from bot.domain.calendar import Every, NextSlot
from bot.domain.lengths import PlatformName, published_limits
from bot.domain.post import Kind
from bot.domain.rendition import render
from bot.files.posts import QueueSettings
from bot.files.queue import read_bytes

POSTS = Path(__file__).parents[2] / "posts"
TAG = "#IndustriALL"
TAGS = {TAG, "#BKDP"}
INSIDE = ("be", "ru")  # languages whose readers may live where answering us is a crime
SAFETY_LINE = 104  # units that the program adds to those, with the lines between
HANDLES = {
    PlatformName.X: "@fifteen_letters",  # the longest that X allows
    PlatformName.MASTODON: "@campaign@mastodon.example",
    PlatformName.BLUESKY: "@campaign.unions.example",
}
NEW_KEYS = re.compile(r"^(?:facts|cases|reviewed_by): .*\n", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<!\b\d)(?<!\b\d\d)[.!?](?=\s|$)|(?<=\d{4})[.!?](?=\s|$)")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
HEAD_COUNT = re.compile(
    r"\b(?!(?:19|20)\d\d\b)\d+ (?:\w+ )?(?:(?:trade )?unionists?|prisoners?|people|colleagues|"
    r"prisonniers|syndicalistes|presos|"
    r"sindicalistas|Gefangene\w*|Gewerkschafter\w*|заключ\w+|политзаключ\w+|зняволен\w+|палітвязн\w+)",
    re.IGNORECASE,
)


def written(folder):
    return {file: yaml.safe_load(file.read_text()) for file in sorted((POSTS / folder).glob("*.yaml"))}


class Said(NamedTuple):
    """One text of a post."""

    post: dict
    code: str
    text: str


WRITTEN = written(".")
FACTS = {fact["id"]: fact for facts in written("facts").values() for fact in facts}
CASES = {case["id"]: case for case in written("cases").values()}
TEXTS = [Said(post, code, text) for post in WRITTEN.values() for code, text in post["text"].items()]
every_post = pytest.mark.parametrize("post", WRITTEN.values(), ids=lambda post: post["id"])
every_text = pytest.mark.parametrize("said", TEXTS, ids=lambda said: f"{said.post['id']}-{said.code}")


def the_post(file):
    """A shipped post as the reader knows it; keys that it may not know yet are left out."""
    found = read_bytes(
        NEW_KEYS.sub("", file.read_text()).encode(), str(file), QueueSettings(timezone="Europe/Brussels")
    )
    assert found.problems == ()
    return found.posts[0]


POST_OF = {file.stem: the_post(file) for file in WRITTEN}


def names_in(text):
    """The cases that a text names: the surname, beside a first name where the record lists some."""
    found = set()
    for case in CASES.values():
        surnames = "|".join(map(re.escape, case["spellings"]))
        if not re.search(rf"\b(?:{surnames})", text, re.IGNORECASE):
            continue
        firsts = case.get("first_names", [])
        if not firsts or any(first in text for first in firsts):
            found.add(case["id"])
    return found


def test_there_are_at_least_24_posts_in_english_and_8_in_each_language_of_belarus():
    languages = [code for post in WRITTEN.values() for code in post["text"]]

    assert languages.count("en") >= 24
    assert min(languages.count(code) for code in INSIDE) >= 8


@every_post
def test_everything_ships_as_a_draft(post):
    assert post["draft"] is True


@every_post
def test_no_translation_counts_as_read(post):
    translations = {code for code in post["text"] if code != "en"}

    assert post.get("reviewed_by", {}) == dict.fromkeys(translations, "nobody")


@every_post
def test_every_reminder_is_held_until_somebody_has_looked(post):
    reminder = post.get("kind") == "reminder"

    assert reminder == ("jailed" in post.get("cases", {}).values()) == ("held" in post)


@every_post
def test_every_fact_a_post_rests_on_exists(post):
    assert set(post.get("facts", [])) <= set(FACTS)


def test_every_fact_that_ships_is_used():
    assert {fact for post in WRITTEN.values() for fact in post.get("facts", [])} == set(FACTS)


@every_post
def test_everybody_a_post_names_is_declared_and_nobody_else(post):
    named = names_in("\n".join(post["text"].values()))

    assert named == set(post.get("cases", {}))


@every_post
def test_only_a_held_post_says_more_than_history_of_somebody_not_known_to_be_jailed(post):
    said = {claim for case, claim in post.get("cases", {}).items() if CASES[case]["status"] != "jailed"}

    assert "held" in post or said <= {"history"}


@every_text
def test_every_year_in_a_text_stands_in_what_the_post_rests_on(said):
    ground = [FACTS[fact]["statement"] for fact in said.post.get("facts", [])]
    ground += [
        f"{CASES[case].get('since')} {CASES[case].get('sentence')}" for case in said.post.get("cases", {})
    ]

    assert set(YEAR.findall(said.text)) <= set(YEAR.findall(" ".join(ground)))


@every_text
def test_a_text_has_two_to_four_sentences(said):
    assert 2 <= len(SENTENCE_END.findall(said.text)) <= 4


@every_text
def test_no_text_counts_heads(said):
    assert not HEAD_COUNT.search(said.text)


def test_a_count_of_heads_would_be_seen():
    assert HEAD_COUNT.search("Today 29 trade unionists are in prison.")
    assert HEAD_COUNT.search("В тюрьмах 29 политзаключённых.")


@every_text
def test_tags_are_known_ones_and_those_who_may_live_inside_are_given_none(said):
    tags = set(re.findall(r"#\w+", said.text))

    assert tags <= (set() if said.code in INSIDE else TAGS)


@every_text
def test_those_who_may_live_inside_are_asked_for_nothing(said):
    text = re.sub(r"\{(actions|countries)\}", "", said.text)

    assert said.code not in INSIDE or not re.search(r"\{|[@?]", text)


@every_text
@pytest.mark.parametrize("platform", PlatformName)
def test_a_text_fits_one_message_everywhere(said, platform):
    limits = published_limits(platform, read_tlds())
    voice = Voice(
        label=platform,
        platform=platform,
        handle=HANDLES[platform],
        tag=TAG,
        languages=(said.code,),
        limits=limits,
    )

    (part,) = render(POST_OF[said.post["id"]], said.code, voice).parts

    assert TAG in part.text
    room = SAFETY_LINE if said.code in INSIDE else 0
    assert limits.measure(f"{said.text.strip()}\n\n{TAG}") + room <= limits.length


@pytest.mark.parametrize("file", sorted(POSTS.rglob("*.yaml")), ids=lambda file: file.stem)
def test_no_shipped_file_holds_a_link(file):
    assert not re.search(r"https?:|www\.", file.read_text())


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.stem)
def test_a_post_is_named_like_its_file_and_has_an_hour_in_brussels(file):
    post = POST_OF[file.stem]

    assert post.id == file.stem
    assert isinstance(post.when, NextSlot) or (
        isinstance(post.when, Every) and post.when.zone == "Europe/Brussels"
    )
    assert post.kind is not Kind.NEWS


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact["id"])
def test_a_fact_says_where_it_comes_from_and_when_somebody_looked(fact):
    assert fact.keys() <= {"id", "statement", "source", "verified_on", "check_by"}
    assert YEAR.search(fact["statement"])
    assert fact["source"]
    assert type(fact["verified_on"]) is date


@pytest.mark.parametrize("file", sorted((POSTS / "cases").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_case_is_named_like_its_file_and_says_where_it_comes_from(file):
    case = yaml.safe_load(file.read_text())

    known = {"id", "name", "spellings", "first_names", "status", "since", "sentence", "place", "source"}
    assert case.keys() <= known | {"verified_on", "check_by"}
    assert case["id"] == file.stem
    assert case["status"] in {"jailed", "free", "died", "unknown"}
    assert case["source"]
    assert type(case["verified_on"]) is date
    assert case["name"].split()[-1] in case["spellings"]
    assert any(re.search("[а-яё]", spelling) for spelling in case["spellings"])


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case["id"])
def test_nobody_ships_as_jailed(case):
    assert case["status"] != "jailed"
