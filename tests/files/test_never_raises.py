"""Whatever a file holds, reading it ends in posts and problems, never in an error of the program."""

import subprocess
import sys
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.config import load_config
from bot.domain.errors import ConfigError
from bot.files.posts import POST
from bot.files.recurrence import EVERY
from tests.files.conftest import a_post, read

ROOT = Path(__file__).parent.parent.parent
BOUNDED = settings(max_examples=300, derandomize=True, deadline=None, database=None)

WORDS = st.sampled_from(
    [
        "", "a", "may-day", "true", "no", "010", "next-slot", "2027-05-01 09:00 UTC",
        "2026-03-29 02:30 Europe/Warsaw", "9999-12-31 23:59 America/New_York",
        "0001-01-01 00:00 Asia/Tokyo", "18:30", "2027-05-01", "19 April", "31 February",
        "first monday", "last", "monday", "16", "31", "0", "9" * 5000, "x", "mastodon", "none", "call",
        "https://example.org", "https://[", "{account}", "{link}", "{}", "{", "'", '"', "#tag",
        "a #tag", "@a", "*a", "&a b", "!a b", "a: b", "- a", "? a", "|", ">", "|2", "[", "]", "{a: b",
        "%", "`", "\t", "\\", '"\\ud83d"', '"\\u2028"', "\u202e", "\u200b", "\u2028", "🪧", "Europe/..",
        "2027-05-01 09:00 ../../etc/passwd", "~", "<<", "2027-05-01 09:00 Europe", "1000000 weeks",
        "last day", "25:00", "+99:99", "٣",
    ]
)  # fmt: skip
KEYS = st.sampled_from(
    [*POST.rows, *EVERY.rows, "en", "fr", "<<", "? a", "[a]", "{a: b}", "'a'", "*a", "Text", ""]
)
LINES = st.builds(
    lambda indent, dash, key, word: f"{'  ' * indent}{'- ' if dash else ''}{key}: {word}",
    st.integers(0, 3), st.booleans(), KEYS, WORDS,
)  # fmt: skip


def is_told(found):
    """Whether what could not be used is explained."""
    return all(problem.message and problem.place.file for problem in found.problems) and (
        found.posts or found.problems
    )


@BOUNDED
@given(st.binary(max_size=300))
@example(b"\xff\xfe\x00")
@example(b"[" * 5000 + b"\n")
@example(b"{" * 5000 + b"\n")
@example(b"? " * 5000 + b"\n")
@example(b"- " * 5000 + b"\n")
@example(b"a:\n" + b" " * 5000 + b"- x\n")
@example(b"&a " * 500 + b"\n")
@example(b'"' + b"\\U00110000" + b'"\n')
def test_bytes_of_any_kind_are_read_or_explained(data):
    assert is_told(read(data + b"\n"))


@BOUNDED
@given(st.lists(LINES, max_size=12))
def test_lines_of_any_kind_are_read_or_explained(lines):
    assert is_told(read("\n".join(lines) + "\n"))


@BOUNDED
@given(KEYS, WORDS, WORDS)
def test_a_post_with_anything_behind_a_key_is_read_or_explained(key, word, other):
    assert is_told(read(a_post(more=f"{key}: {word}\n")))
    assert is_told(read(a_post(more=f"{key}: {{{key}: {word}, text: {other}}}\n")))
    assert is_told(read(a_post(when=f"every: {{{key}: {word}, at: {other}, zone: UTC}}")))


@BOUNDED
@given(WORDS, WORDS)
def test_times_of_any_kind_are_read_or_explained(word, other):
    assert is_told(read(a_post(when=f"when: {word}", more=f"expires: {other}\n")))
    assert is_told(read(a_post(when=f"when: {word} {other}", more="dst: shift\n")))


@BOUNDED
@given(st.integers(0, 2000), st.integers(0, 2000))
def test_a_file_that_is_cut_short_is_read_or_explained(start, length):
    text = (ROOT / "config.example.yaml").read_bytes() + a_post().encode() * 3

    assert is_told(read(text[start : start + length]))


@BOUNDED
@given(
    data=st.one_of(
        st.binary(max_size=200), st.lists(LINES, max_size=8).map(lambda rows: "\n".join(rows).encode())
    )
)
def test_a_configuration_of_any_kind_is_loaded_or_explained(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data + b"\n")

    outcome = ""
    try:
        load_config(path)
    except ConfigError as refused:
        outcome = str(refused)

    assert "any.yaml" in outcome


def test_reading_a_queue_needs_no_library_that_is_slow_to_load():
    slow = ["dateutil", "difflib", "sqlalchemy", "click", "requests", "tweepy", "atproto", "mastodon"]
    code = f"import sys, bot.config, bot.files.watch; print([name for name in {slow} if name in sys.modules])"

    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout == "[]\n"
