"""Whether what a post says beside a person's name may be said.

A post declares of everybody it names whether it says that they are jailed, free, dead, or speaks of the past
only. Of the last three nothing may sound as if they were in prison today:

- beside their name, a word of prison needs a year, or a word that it is over; a word of today ("since", "is
  in", "still") undoes both, unless it says that somebody has been free since; "never released" undoes all;
- a plea for their release needs a year; a demand ("Free ...!") is never right;
- a sentence without a name is about whoever was named last before it, and if nobody was, about everybody
  whom the post names in that language. Only one that speaks of people in general, and has no pronoun, is not.

Where this cannot know, it errs on the side of an error: a person reads the sentence again.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain.case import CaseId, Claim
from bot.domain.hostile import dangers
from bot.domain.lengths import scheme_links
from bot.domain.naming import Named, Names
from bot.domain.passages import Passage, passages
from bot.domain.post import Language, Post
from bot.domain.problem import Severity
from bot.domain.sentences import sentences
from bot.domain.slip import Slip
from bot.domain.spelling import bare
from bot.domain.vocabulary import NAME, Tongue, Vocabulary, clean, plain

CLAIMS = "jailed (in prison today), free, died, or history (only what was, with its date)"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_IS = {Claim.FREE: "is free", Claim.DIED: "has died", Claim.HISTORY: "was, with its date"}


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage with everybody it names."""

    passage: Passage
    named: list[Named]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence, as it stands and as it is compared, and everybody named in it."""

    written: str
    said: str
    named: frozenset[CaseId]
    start: int


def slips(post: Post, names: Names, vocabulary: Vocabulary) -> list[Slip]:
    """Everything a post says that it may not, or does not declare."""
    read, lifted = _read(post, names)
    found = [*_undeclared(post, names, read), *_idle(post, names, read, lifted)]
    for language in dict.fromkeys(one.passage.language for one in read):
        of_it = [one for one in read if one.passage.language == language]
        found += _about_prison(post, names, vocabulary, language, of_it)
    for one in read:
        found += dangers(one.passage, vocabulary)
    return found


def _read(post: Post, names: Names) -> tuple[list[_Read], set[str]]:
    """Every passage with its names, and those of `not_a_name` that lifted one."""
    no_names = {bare(word): word for word in post.not_a_name}
    lifted = set[str]()
    read = []
    for passage in passages(post):
        found = names.found(passage.text)
        if found and no_names:
            lifted |= {no_names[bare(one.written)] for one in found if bare(one.written) in no_names}
            found = [one for one in found if bare(one.written) not in no_names]
        read.append(_Read(passage, found))
    return read, lifted


def _undeclared(post: Post, names: Names, read: list[_Read]) -> Iterator[Slip]:
    """People whom a post names and does not declare, each once."""
    claims = post.reliance.claims
    first: dict[CaseId, tuple[Passage, Named]] = {}
    for one in read:
        for named in one.named:
            first.setdefault(named.case, (one.passage, named))
    for case, (passage, named) in first.items():
        if case in claims:
            continue
        declared = {**{known: claim.value for known, claim in claims.items()}, case: "history"}
        line = ", ".join(f"{known}: {claim}" for known, claim in declared.items())
        yield Slip(
            where=passage.where,
            written=named.written,
            message=f"{passage.where} names {names.shown[case]}, and the post does not declare what it says "
            "of them",
            fix=f"write `cases: {{{line}}}`; instead of history, {CLAIMS}. If this is nobody's name, write "
            f"`not_a_name: [{named.written}]`",
        )


def _idle(post: Post, names: Names, read: list[_Read], lifted: set[str]) -> Iterator[Slip]:
    """What a post declares and does not need, or nobody knows."""
    named = {one.case for passage in read for one in passage.named}
    for case in post.reliance.claims:
        if case not in names.ids:
            from difflib import get_close_matches  # the price of an error, not of every start

            near = get_close_matches(case, names.ids, n=1, cutoff=0.6)
            known = ", ".join(names.ids) or "none yet"
            yield Slip(
                where="cases",
                written=case,
                message=f"there is no case `{case}`",
                fix=(f"did you mean `{near[0]}`? " if near else "") + f"The cases are {known}",
            )
        elif case not in named:
            yield Slip(
                where="cases",
                written=case,
                message=f"the post declares {names.shown[case]}, and none of its texts names them",
                fix=f"take `{case}` out of `cases`, or name them as their record spells it",
                severity=Severity.WARNING,
            )
    for word in post.not_a_name:
        if word not in lifted:
            yield Slip(
                where="not_a_name",
                written=word,
                message=f"`not_a_name` holds {word}, and no text would take it for a name",
                fix=f"take {word} out, or write it as it stands in the text",
                severity=Severity.WARNING,
            )


def called_jailed(
    text: str,
    language: Language | None,
    settled: Mapping[CaseId, Claim],
    names: Names,
    vocabulary: Vocabulary,
) -> CaseId | None:
    """Who of these people a text of somebody else calls jailed, or demands the release of; None for nobody.

    Read in every language there is a table for: what others say of their language is often wrong. In a
    language without a table, whoever is named counts.
    """
    written = clean(text)
    found = [one for one in names.found(written) if one.case in settled]
    if not found:
        return None
    if language is not None and language not in vocabulary.tongues:
        return found[0].case
    everybody = frozenset(one.case for one in found)
    read = _Read(Passage(where="the message", language=language or Language(""), text=written), found)
    last = frozenset[CaseId]()
    for sentence in _sentences(read):
        last = sentence.named or last
        for tongue in vocabulary.tongues.values():
            general = not sentence.named and _in_general(sentence, tongue)
            if _as_if_jailed(sentence, tongue) and not general:
                return min(last or everybody)
    return None


def _about_prison(
    post: Post, names: Names, vocabulary: Vocabulary, language: Language, read: list[_Read]
) -> Iterator[Slip]:
    """What the texts in one language say of prison."""
    settled = {case: claim for case, claim in post.reliance.claims.items() if claim is not Claim.JAILED}
    everybody = frozenset(named.case for one in read for named in one.named)
    tongue = vocabulary.tongues.get(language)
    if tongue is None:
        if everybody & settled.keys():
            yield _unread(language)
        return
    last = frozenset[CaseId]()
    for one in read:
        if not everybody & settled.keys() and not vocabulary.may_speak_of_prison(language, one.passage.text):
            continue
        for sentence in _sentences(one):
            last = sentence.named or last
            about = {case: settled[case] for case in sorted((last or everybody) & settled.keys())}
            found = _of_person(one.passage, sentence, tongue, about, names)
            found = found or _of_numbers(one.passage, sentence, tongue, bool(post.reliance.facts))
            if found is not None:
                yield found


def _unread(language: Language) -> Slip:
    message = f"nothing here can read {language}: whether its words fit what the post declares is not checked"
    return Slip(
        where=f"the text in {language}",
        written="",
        message=message,
        fix="let somebody who reads it compare it with `cases`",
        severity=Severity.WARNING,
    )


def _sentences(read: _Read) -> list[_Sentence]:
    """The sentences of a passage; links are left out, and names are signs."""
    text = read.passage.text
    letters = list(plain(text))
    for start, end in scheme_links(text):
        letters[start:end] = " " * (end - start)
    for named in read.named:
        letters[named.start : named.end] = NAME * (named.end - named.start)
    said = "".join(letters)
    return [
        _Sentence(
            written=text[start:end],
            said=said[start:end],
            named=frozenset(one.case for one in read.named if start <= one.start < end),
            start=start,
        )
        for start, end in sentences(text)
    ]


def _of_person(
    passage: Passage, sentence: _Sentence, tongue: Tongue, about: Mapping[CaseId, Claim], names: Names
) -> Slip | None:
    """What a sentence says of somebody who is not, or not known to be, in prison."""
    if not about:
        return None
    said = _as_if_jailed(sentence, tongue)
    if said is None or (not sentence.named and _in_general(sentence, tongue)):
        return None
    case, claim = next(iter(about.items()))
    written = sentence.written[said.start() : said.end()].strip()
    fix = (
        f"say only that {names.shown[case]} {_IS[claim]}"
        if claim is not Claim.HISTORY
        else "say when it was, with its year, and nothing of today"
    )
    return Slip(
        where=passage.where,
        written=written,
        message=f"{passage.where} says “{written}”, as if {names.shown[case]} were in prison today, and the "
        f"post declares `{case}: {claim.value}`",
        fix=f"{fix}; if it is about somebody else, say so in a post of its own",
    )


def _as_if_jailed(sentence: _Sentence, tongue: Tongue) -> re.Match[str] | None:
    said = sentence.said
    if demand := tongue.says("demand", said):
        return demand
    dated = _YEAR.search(said) is not None
    today = _of_today(said, tongue)
    plea = tongue.says("plea", said)
    if plea and (today or not dated):
        return plea
    jailed = tongue.says("jailed", said)
    if jailed and (today or not (dated or tongue.says("freed", said) or tongue.says("free", said))):
        return jailed
    return None


def _of_today(said: str, tongue: Tongue) -> bool:
    if tongue.says("never", said):
        return True
    return tongue.says("now", said) is not None and not tongue.says("free", said)


def _in_general(sentence: _Sentence, tongue: Tongue) -> bool:
    return bool(tongue.says("many", sentence.said)) and not tongue.says("pronouns", sentence.said)


def _of_numbers(passage: Passage, sentence: _Sentence, tongue: Tongue, rests_on_fact: bool) -> Slip | None:
    """A number of prisoners that is given as today's, or without a source."""
    said = sentence.said
    if not tongue.says("jailed", said):
        return None
    dated, today = _YEAR.search(said) is not None, _of_today(said, tongue)
    counted = tongue.counts(said, today=today)
    if counted is None:
        return None
    if dated and (rests_on_fact or (tongue.says("past", said) and not today)):
        return None
    if not dated and not today and (tongue.says("freed", said) or tongue.says("free", said)):
        return None
    written = sentence.written[counted.start() : counted.end()].strip()
    return Slip(
        where=passage.where,
        written=written,
        message=f"{passage.where} counts prisoners (“{written}”), and such a number is soon untrue",
        fix="say in the sentence when it was counted, with its year, and name its source in `facts`; or "
        "leave the number out",
    )
