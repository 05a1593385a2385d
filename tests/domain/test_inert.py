"""Cells of a spreadsheet: twelve ways to begin a formula, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.inert import inert


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("https://example.org","x")', '\'=HYPERLINK("https://example.org","x")'),
        ("+1", "'+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("|calc", "'|calc"),
        ("%0A=1", "'%0A=1"),
        ("\t=1", "'\\u0009=1"),
        ("\r=1", "'\\u000d=1"),
        ("\n=1", "'\\u000a=1"),
        ("\0=1", "'\\u0000=1"),
        ("＝1+1", "'＝1+1"),
        ("  \u200b=1", "'  \\u200b=1"),
        ("\ufeff＋1", "'\\ufeff＋1"),
        ("@someone@example.org", "'@someone@example.org"),
    ],
)
def test_what_begins_like_a_formula_is_marked_as_text(text, cell):
    assert inert(text) == cell


@pytest.mark.parametrize("text", ["", "France", "12", "week of 3 May 2027", "a=b", "1-2", "Кёльн"])
def test_ordinary_words_stay_as_they_are(text):
    assert inert(text) == text


@given(st.text())
def test_no_cell_begins_with_what_a_spreadsheet_would_run(text):
    cell = inert(text)

    assert not cell.lstrip(" \u00a0\u3000\u200c\u200d").startswith(tuple("=+-@|%\t\r\n\0＝＋－＠"))
    assert not any(one in cell for one in "\r\n\t\0\x1b\u202e\u2028")
