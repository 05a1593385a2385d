from dataclasses import replace

import pytest

from bot.domain.calendar import NextSlot
from bot.domain.case import CaseId, Claim, Reliance
from bot.domain.draft import content_digest, is_approved, lifted
from bot.domain.lengths import PlatformName
from bot.domain.picture import People, Picture
from bot.domain.post import Kind, Language, Post, PostId, Words
from bot.domain.problem import Source

EN, FR, BE = Language("en"), Language("fr"), Language("be")
PHOTO = Picture(file="march.jpg", alt={EN: "A march"}, people=People.NONE, content="one")
DRAFT = Post(
    id=PostId("may-day"),
    when=NextSlot(),
    words=Words(text={EN: "March.", FR: "Marchons.", BE: "Разам."}),
    draft=True,
    unread=frozenset({FR}),
    read_by={BE: "Alena Example"},
    media=(PHOTO,),
    source=Source(file="a.yaml", line=1),
)
ALENA = {(DRAFT.id, BE): content_digest(DRAFT, BE)}
APPROVED = {(DRAFT.id, None): content_digest(DRAFT), **ALENA}


def with_text(**texts):
    said = {Language(code): text for code, text in texts.items()}
    return replace(DRAFT, words=replace(DRAFT.words, text={**DRAFT.words.text, **said}))


def test_a_draft_stays_where_it_is_until_a_person_lifts_it():
    assert lifted([DRAFT], {}) == []
    assert lifted([DRAFT], APPROVED) == [DRAFT]


@pytest.mark.parametrize(
    "changed",
    [
        with_text(en="March with us."),
        with_text(de="Marschiert."),
        replace(DRAFT, where=("x",)),
        replace(DRAFT, reliance=Reliance(cases={CaseId("anna"): Claim.JAILED})),
        replace(DRAFT, warning={EN: "prison"}),
        replace(DRAFT, own_words={PlatformName.X: Words(text={EN: "Other words."})}),
        replace(DRAFT, words=replace(DRAFT.words, link="https://union.example")),
        replace(DRAFT, not_a_name=("March",)),
        replace(DRAFT, own_words={PlatformName.MASTODON: DRAFT.words}),
        replace(DRAFT, media=(replace(PHOTO, content="another"),)),
        replace(DRAFT, media=(replace(PHOTO, alt={EN: "Other words."}),)),
    ],
)
def test_what_says_something_else_than_was_approved_is_a_draft_again(changed):
    assert lifted([changed], APPROVED) == []


@pytest.mark.parametrize(
    "changed",
    [
        replace(DRAFT, kind=Kind.NEWS),
        replace(DRAFT, source=Source(file="b.yaml", line=9)),
        with_text(fr="Marchons ensemble."),
    ],
)
def test_an_approval_is_of_the_words_not_of_the_hour_nor_of_translations(changed):
    assert lifted([changed], APPROVED) == [changed]


def test_a_translation_that_somebody_has_read_goes_out_with_its_post():
    approvals = {**APPROVED, (DRAFT.id, FR): content_digest(DRAFT, FR)}

    assert lifted([DRAFT], approvals)[0].unread == frozenset()


def test_a_translation_that_was_changed_waits_for_a_reader_again():
    approvals = {(DRAFT.id, FR): content_digest(DRAFT, FR)}

    assert is_approved(DRAFT, approvals, FR)
    assert not is_approved(with_text(fr="Marchons ensemble."), approvals, FR)


def test_the_approval_of_one_post_lifts_no_other():
    other = replace(DRAFT, id=PostId("other"))

    assert lifted([other], APPROVED) == []


def test_a_reader_named_in_the_file_is_no_approval_of_a_draft():
    (post,) = lifted([DRAFT], {(DRAFT.id, None): content_digest(DRAFT)})

    assert post.unread == {FR, BE}


def test_in_a_post_that_is_no_draft_a_reader_named_in_the_file_is_enough():
    (post,) = lifted([replace(DRAFT, draft=False)], {})

    assert post.unread == {FR}


@pytest.mark.parametrize(
    "changed",
    [
        with_text(be="Разам!"),
        replace(DRAFT, warning={BE: "Турма"}),
        replace(DRAFT, media=(replace(PHOTO, alt={BE: "Марш"}),)),
        replace(DRAFT, words=replace(DRAFT.words, link="https://union.example")),
    ],
)
def test_the_approval_of_a_translation_is_of_all_it_says(changed):
    assert not is_approved(changed, ALENA, BE)
