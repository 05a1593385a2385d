"""Good posts damaged in three thousand ways: read and planned, or explained, never a failure of ours."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.account import Voice
from bot.domain.lengths import PlatformName, published_limits
from bot.domain.post import Language
from bot.files.queue import joined
from bot.flows.plan import plan
from bot.platforms.memory import MemoryPlatform
from bot.store.memory import MemoryStore
from tests.files.conftest import NOW, a_post, read
from tests.files.test_never_raises import KEYS, LINES, WORDS, is_told
from tests.flows.conftest import PLANNER, a_voice
from tests.tables import TLDS

SEED = 20270501
TIMES = 250  # each of the seeds below
BOUNDED = settings(max_examples=250, derandomize=True, deadline=None, database=None)

GOOD = [
    a_post(),
    a_post(when="when: next-slot", more="where: [mastodon, x]\nkind: call\npriority: 2\n"),
    a_post(when='every: {year: 19 April, at: "09:00", until: 2030-01-01, skip: [2028-04-19]}'),
    a_post(when='every:\n  month: last friday\n  at: "18:30"\n  zone: Europe/Minsk\n'),
    a_post(more="expires: 2027-05-02\nheld: the lawyer reads it\nlink: https://example.org/a\n"),
    a_post(text="text:\n  en: |\n    Tell {account}: {link} 🪧\n  be: |\n    Так!\nlink: https://a.b\n"),
    a_post(more="thread:\n  - text:\n      en: |\n        Second.\n  - text: {en: Third}\n"),
    a_post(more='x:\n  text: {en: "Short #IndustriALL"}\n  thread: none\nmastodon: {link: none}\n'),
    "- " + a_post("a").replace("\n", "\n  ").rstrip(" ") + "- {id: b, when: next-slot, text: {en: b}}\n",
]  # fmt: skip
BITS = [
    *":-#&*!|>'\"%@`{}[],?~\\\t\r\n\0 ", "  ", "\n  ", "\n- ", ": ", " #", "<<", "{account}", "{link}", "{x}",
    "\u0085", "\u2028", "\u202e", "\u2067", "\u200b", "\ufeff", "\ufdd0", "🪧", "e\u0301", "\u0301", "\u200d",
    "\\ud83d", "\\u2028", "no", "on", "010", "1_000", "1e9", "null", "true", "9999", "0000", "-1", "24:00",
    "UTC", "Europe/Nowhere", "../..", "\U0010ffff",
    "#IndustriALL", "@campaign", "https://", "https://a.b/?q#f",
]  # fmt: skip
LETTERS = "aZ09.,;éсвя漢ع👩\u200d\u0301#@{}:/- "


def voices():
    """How we speak on three platforms, in two languages."""
    each = ((name, published_limits(name, TLDS)) for name in PlatformName)
    languages = (Language("en"), Language("be"))
    return [a_voice(name, platform=name, limits=limits, languages=languages) for name, limits in each]


VOICES: list[Voice] = voices()


def planned(found):
    """Plan what was read; every problem says where and what."""
    store = MemoryStore()
    for voice in VOICES:
        store.enroll(voice.label, voice.platform, NOW)
        store.identified(voice.label, MemoryPlatform(name=voice.platform).identify(), NOW)
    queue = joined({"a.yaml": found})
    planning = plan(queue.posts, VOICES, store, replace(PLANNER, ahead=timedelta(days=400)), NOW)
    assert all(problem.message and problem.place.file for problem in planning.problems)


def damaged(lot, good):
    """A good post with something done to it that hands, editors and disks do."""
    text = lot.choice(good)
    for _ in range(lot.choice([1, 1, 2, 3])):
        text = lot.choice(DAMAGES)(lot, text)
    return text


def a_bit_put_in(lot, text):
    at = lot.randint(0, len(text))
    return text[:at] + lot.choice(BITS) + text[at:]


def a_stretch_taken_out(lot, text):
    at = lot.randint(0, len(text))
    return text[:at] + text[at + lot.randint(1, 12) :]


def a_stretch_repeated(lot, text):
    at = lot.randint(0, len(text))
    return text[:at] + text[at : at + lot.randint(1, 40)] * lot.choice([2, 3, 50]) + text[at:]


def lines_exchanged(lot, text):
    lines = text.splitlines(keepends=True)
    lot.shuffle(lines)
    return "".join(lines)


def a_line_repeated(lot, text):
    lines = text.splitlines(keepends=True) or ["\n"]
    lines.insert(lot.randint(0, len(lines)), lot.choice(lines))
    return "".join(lines)


def a_line_moved_sideways(lot, text):
    lines = text.splitlines(keepends=True) or ["\n"]
    at = lot.randrange(len(lines))
    lines[at] = lot.choice([" ", "  ", "\t", "- ", ""]) + lines[at].lstrip(" ")
    return "".join(lines)


def a_value_replaced(lot, text):
    lines = text.splitlines(keepends=True) or ["\n"]
    at = lot.randrange(len(lines))
    key, colon, _ = lines[at].partition(":")
    lines[at] = f"{key}{colon} {lot.choice(BITS)}{lot.choice(BITS)}\n"
    return "".join(lines)


def a_key_replaced(lot, text):
    lines = text.splitlines(keepends=True) or ["\n"]
    at = lot.randrange(len(lines))
    _, colon, value = lines[at].partition(":")
    lines[at] = lot.choice(["id", "when", "every", "text", "en", "x", "at", "thread", "link"]) + colon + value
    return "".join(lines)


def beside_another_post(lot, text):
    both = [text, lot.choice(GOOD[:-1]).replace("id: may-day", "id: another")]
    lot.shuffle(both)
    return "".join("- " + one.replace("\n", "\n  ").rstrip(" ") for one in both)


def a_letter_replaced(lot, text):
    at = lot.randrange(len(text) or 1)
    return text[:at] + lot.choice(LETTERS) + text[at + 1 :]


def a_digit_replaced(lot, text):
    digits = [at for at, letter in enumerate(text) if letter.isdecimal()] or [0]
    at = lot.choice(digits)
    return text[:at] + lot.choice("0123456789") + text[at + 1 :]


def a_text_that_grows(lot, text):
    at = text.rfind("\n", 0, lot.randint(0, len(text)))
    return text[:at] + lot.choice([" ", ""]) + lot.choice(LETTERS) * lot.choice([1, 300, 3000]) + text[at:]


def cut_short(lot, text):
    return text[: lot.randint(0, len(text))] + lot.choice(["", "\n"])


DAMAGES = (
    a_bit_put_in, a_stretch_taken_out, a_stretch_repeated, lines_exchanged, a_line_repeated, cut_short,
    a_line_moved_sideways, a_value_replaced, a_key_replaced, beside_another_post, beside_another_post,
    a_letter_replaced, a_letter_replaced, a_digit_replaced, a_digit_replaced, a_text_that_grows,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(SEED, SEED + 9))
def test_damaged_posts_are_read_and_planned_or_explained(seed):
    lot = random.Random(seed)
    sound = 0
    for number in range(TIMES):
        text = damaged(lot, GOOD)
        try:
            found = read(text.encode("utf-8", "surrogatepass"))
            planned(found)
        except Exception as error:
            raise AssertionError(f"seed {seed}, number {number}: {text!r}") from error
        assert is_told(found), f"seed {seed}, number {number}: {text!r}"
        sound += bool(found.posts)

    assert TIMES / 10 < sound < TIMES * 9 / 10, "too little or too much is damaged to test anything"


@BOUNDED
@given(st.text(max_size=120))
def test_a_text_of_any_kind_is_planned_or_explained(text):
    lines = "\n".join(f"    {line}" for line in text.split("\n"))
    planned(read(a_post(text=f"text:\n  en: |\n{lines}\n").encode("utf-8", "surrogatepass")))


@BOUNDED
@given(st.lists(LINES, max_size=8))
def test_a_post_with_lines_of_any_kind_is_planned_or_explained(lines):
    planned(read(a_post(more="\n".join(lines) + "\n")))


@BOUNDED
@given(KEYS, WORDS, WORDS)
def test_a_post_with_anything_behind_a_key_is_planned_or_explained(key, word, other):
    planned(read(a_post(more=f"{key}: {word}\n")))
    planned(read(a_post(when=f"every: {{{key}: {word}, at: {other}, zone: UTC}}")))
    planned(read(a_post(when=f"when: {word} {other}")))
