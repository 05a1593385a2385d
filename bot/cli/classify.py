"""classify: what mentions seem to report, for scripts and for judging the classifier."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from bot.cli import DONE, PERSON_NEEDED


@click.command("classify")
def classify_command() -> int:
    """Read mentions as JSON Lines {"id", "text"} from standard input and say what each seems to report.

    One line is answered at a time. "lang" may be given too. It only suggests: nothing is stored or sent.
    """
    bad = False
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    for answer in answers(sys.stdin.buffer):
        bad = bad or "error" in answer
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()  # whoever asks line by line waits for it
    return PERSON_NEEDED if bad else DONE


def answers(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """One answer for each line that is not empty."""
    from bot.app import read_mention_tables
    from bot.domain.classify import Classifier
    from bot.domain.report import Risk
    from bot.domain.safety import risk_in

    tables = read_mention_tables()
    classifier = Classifier(tables)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = _read(line)
        except ValueError as error:
            yield {"line": number, "error": f"line {number}: {error}"}
            continue
        text, language = asked["text"], asked.get("lang")
        found, hint = classifier.classify(text, language), risk_in(text, language, tables)
        # in doubt, and with no word of living elsewhere, whoever asks is told to take care
        at_risk = hint.risk is Risk.AT_RISK or (hint.risk is Risk.UNSURE and not hint.settled)
        inside = hint.country if hint.risk is Risk.AT_RISK else None
        yield {
            "id": asked["id"],
            "is_report": found.is_report,
            "confidence": found.confidence,
            "kinds": [action.value for action in found.actions],
            "country": (inside if found.is_report else None) or found.country,
            "participants": found.participants,
            "at_risk": at_risk,
            "why": [*found.why, *(hint.why if at_risk else ())],
        }


def _read(line: bytes) -> dict[str, Any]:
    """A mention, or a ValueError that says what is wrong with the line."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            'this is not JSON; write {"id": "...", "text": "..."} on a line of its own'
        ) from error
    wrong = _wrong(asked)
    if wrong:
        raise ValueError(wrong)
    found: dict[str, Any] = asked
    return found


def _wrong(asked: object) -> str:
    if not isinstance(asked, dict):
        return 'this is no object; write {"id": "...", "text": "..."}'
    if not isinstance(asked.get("id"), str | int) or isinstance(asked["id"], bool):
        return '"id" is missing, or neither a text nor a whole number'
    if not isinstance(asked.get("text"), str):
        return '"text" is missing, or no text'
    if not isinstance(asked.get("lang"), str | None):
        return '"lang" is no text; write a language such as "en", or leave it out'
    return ""
