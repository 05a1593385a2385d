from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.richtext import SpanKind, carries, octets, spans


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("for #IndustriALL.", ["#IndustriALL"]),
        ("#Салідарнасць і #Свабода", ["#Салідарнасць", "#Свабода"]),
        ("#19April and #2", ["#19April"]),  # a number alone is no tag
        ("#\ufe0f\u20e3abc", []),  # a keycap, as a reader sees it
        ("a#b http://example.org/#top", ["http://example.org/#top"]),
        ("tag @campaign@mastodon.example, please", ["@campaign@mastodon.example"]),
        ("@campaign.example.org: hello", ["@campaign.example.org"]),
        ("write to name@example.org", []),
        ("(https://example.org/a_(b)), then", ["https://example.org/a_(b)"]),
        ("https://example.org/@name", ["https://example.org/@name"]),
        ("@one @two", ["@one", "@two"]),
    ],
)
def test_links_tags_and_handles_are_found_as_readers_see_them(text, found):
    assert [span.text for span in spans(text)] == found


@pytest.mark.parametrize(
    ("text", "tag", "there"),
    [
        ("with #IndustriALL today", "#IndustriALL", True),
        ("with #industriall today", "#IndustriALL", True),
        ("with #IndustriALLforall", "#IndustriALL", False),
        ("with IndustriALL", "#IndustriALL", False),
        ("https://example.org/#IndustriALL", "#IndustriALL", False),
        ("ask @union@mastodon.example", "@union@mastodon.example", True),
        ("ask @union@mastodon.example", "@union", False),
    ],
)
def test_the_tag_counts_only_as_a_tag(text, tag, there):
    assert carries(text, tag) is there


@given(
    st.text(alphabet="ab й#@.é👩🇧🇾/:https", max_size=60), st.sampled_from(["#Тэг", "@a.b", "https://e.org/ж"])
)
def test_byte_offsets_always_cut_out_the_very_words(before, marked):
    text = f"{before} {marked} 👩‍👧"

    for span in spans(text):
        start, end = octets(text, span)
        assert text.encode()[start:end].decode() == span.text


def test_spans_never_overlap_and_stand_in_order():
    found = spans("@a #b https://example.org/@c#d #e@f")

    assert all(one.end <= other.start for one, other in pairwise(found))
    assert {span.kind for span in found} == {SpanKind.HANDLE, SpanKind.TAG, SpanKind.LINK}
