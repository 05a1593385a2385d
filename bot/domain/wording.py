"""Whether what a post says beside a person's name may be said.

A post declares of everybody it names whether it says that they are jailed, free, dead, or speaks of the past
only. Of the last three nothing may sound as if they were in prison today:

- beside their name, a word of prison needs a year together with a verb of the past, or a word that it is
  over; a participle ("sentenced") does for a verb only within its own commas; a word of today ("since", "is
  in", "still") undoes them, unless it says that somebody has been free since; "never released" undoes all;
- "waits for freedom", "is not free" are never right;
- a plea for their release needs a year and a verb of the past; a demand ("Free ...!") is never right;
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
from bot.domain.lifting import Lifting
from bot.domain.naming import Named, Names
from bot.domain.passages import Passage, passages
from bot.domain.post import Language, Post
from bot.domain.problem import Severity
from bot.domain.sentences import sentences
from bot.domain.slip import Slip
from bot.domain.vocabulary import NAME, Tongue, Vocabulary, clean, plain

CLAIMS = "jailed (in prison today), free, died, or history (only what was, with its date)"
_CLAUSE = re.compile(r"[^,;:()—–]+")
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
    lifting = Lifting(post.not_a_name, names)
    read = [_Read(passage, lifting.left(names.found(passage.text))) for passage in passages(post)]
    found = [*_undeclared(post, names, read), *_idle(post, names, read), *lifting.slips()]
    for language in dict.fromkeys(one.passage.language for one in read):
        of_it = [one for one in read if one.passage.language == language]
        found += _about_prison(post, names, vocabulary, language, of_it)
    for one in read:
        found += dangers(one.passage, vocabulary)
    return found


def _undeclared(post: Post, names: Names, read: list[_Read]) -> Iterator[Slip]:
    """People whom a post names and does not declare, each once."""
    claims = post.reliance.cases
    first: dict[CaseId, tuple[Passage, Named]] = {}
    for one in read:
        for named in one.named:
            first.setdefault(named.case, (one.passage, named))
    for case, (passage, named) in first.items():
        if case in claims:
            continue
        declared = {**{known: claim.value for known, claim in claims.items()}, case: "history"}
        line = ", ".join(f"{known}: {claim}" for known, claim in declared.items())
        fix = f"write `cases: {{{line}}}`; instead of history, {CLAIMS}"
        if names.may_be_lifted(named):
            fix += f". If this is nobody's name, write `not_a_name: [{named.written}]`"
        yield Slip(
            where=passage.where,
            written=named.written,
            message=f"{passage.where} names {names.shown[case]}, and the post does not declare what it says "
            "of them",
            fix=fix,
        )


def _idle(post: Post, names: Names, read: list[_Read]) -> Iterator[Slip]:
    """Cases that a post declares and does not need."""
    named = {one.case for passage in read for one in passage.named}
    for case in post.reliance.cases:
        if case in names.shown and case not in named:
            yield Slip(
                where="cases",
                written=case,
                message=f"the post declares {names.shown[case]}, and none of its texts names them",
                fix=f"take `{case}` out of `cases`, or name them as their record spells it",
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
    settled = {case: claim for case, claim in post.reliance.cases.items() if claim is not Claim.JAILED}
    everybody = frozenset(named.case for one in read for named in one.named)
    tongue = vocabulary.tongues.get(language)
    if tongue is None:
        if language not in post.read_by:
            yield _unread(language, names, sorted(everybody))
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


def _unread(language: Language, names: Names, named: list[CaseId]) -> Slip:
    """That nobody has compared a text with what the post declares: an error where it names somebody."""
    message = f"nothing here can read {language}: whether its words are true is not checked"
    if named:
        whom = ", ".join(names.shown[case] for case in named)
        message = f"the text in {language} names {whom}, and nothing here can read {language}"
    return Slip(
        where=f"the text in {language}",
        written=f"{language}:",
        message=message,
        fix="let somebody who reads it compare it with `cases`, and write "
        f"`reviewed_by: {{{language}: their name}}`",
        severity=Severity.ERROR if named else Severity.WARNING,
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
    if never_right := tongue.says("demand", said) or tongue.says("unfree", said):
        return never_right
    today = _of_today(said, tongue)
    dated = _YEAR.search(said) is not None
    was = dated and not today and tongue.says("past", said) is not None
    plea = tongue.says("plea", said)
    if plea and not was:
        return plea
    jailed = tongue.says("jailed", said)
    if jailed is None or today or was:
        return jailed if today else None
    if tongue.says("freed", said) or tongue.says("free", said):
        return None
    return _without_participle(said, tongue) if dated else jailed


def _without_participle(said: str, tongue: Tongue) -> re.Match[str] | None:
    """A word of prison that stands between other commas than a participle of the past."""
    for clause in _CLAUSE.finditer(said):
        alone = " " * clause.start() + clause.group()
        jailed = tongue.says("jailed", alone)
        if jailed and not tongue.says("then", alone):
            return jailed
    return None


def _of_today(said: str, tongue: Tongue) -> bool:
    if tongue.says("never", said) or tongue.says("unfree", said):
        return True
    return tongue.says("now", said) is not None and not tongue.says("free", said)


def _in_general(sentence: _Sentence, tongue: Tongue) -> bool:
    return bool(tongue.says("many", sentence.said)) and not tongue.says("pronouns", sentence.said)


def _of_numbers(passage: Passage, sentence: _Sentence, tongue: Tongue, rests_on_fact: bool) -> Slip | None:
    """A number of prisoners that is given as today's, or without a source."""
    said = sentence.said
    if not tongue.says("jailed", said) and not tongue.says("unfree", said):
        return None
    dated, today = _YEAR.search(said) is not None, _of_today(said, tongue)
    counted = tongue.counts(said, today=today)
    if counted is None:
        return None
    was = tongue.says("past", said) or tongue.says("then", said)
    if dated and (rests_on_fact or (was and not today)):
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
