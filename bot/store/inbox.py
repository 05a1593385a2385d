"""What came in: reports, cursors, the marks of those at risk, who opted out, and anonymous numbers."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, and_, case, delete, func, insert, not_, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.domain.erasure import erased, opted_out
from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.post import Language
from bot.domain.report import Action, Counts, Report, ReportId, Risk, Standing, Suggestion
from bot.store import inbox_rules
from bot.store.base import Base, write_decisions
from bot.store.inbox_tables import (
    anonymous_counts,
    at_risk_marks,
    erased_marks,
    hash_keys,
    opt_outs,
    reports,
    streams,
)
from bot.store.rows import AnyRow, chunks

_WAITS_FIRST = (
    case((reports.c.standing == Standing.UNDECIDED.value, 0), else_=1),
    reports.c.taken_at,
    reports.c.id,
)

_HOLDS_SOMETHING = or_(
    *(
        column.is_not(None)
        for column in (reports.c.handle, reports.c.text, reports.c.url, reports.c.remote_id)
    ),
    reports.c.why != "",
)

_SET_ASIDE = and_(reports.c.standing == Standing.LAPSED.value, reports.c.author == "")  # by a copy: baring.py


class Reports(Base):
    """The part of the store that remembers reports."""

    def cursor(self, account: str, stream: str) -> str | None:
        """Where reading a stream goes on, None where it never began."""
        with self._database.reading() as connection:
            found: str | None = connection.scalar(
                select(streams.c.cursor).where(streams.c.account == account, streams.c.name == stream)
            )
        return found

    def known(self, marks: Collection[str]) -> frozenset[str]:
        """Those of these marks that were dealt with before."""
        with self._database.reading() as connection:
            return _known(connection, marks)

    def opted_out(self, authors: Collection[str]) -> frozenset[str]:
        """Those of these authors who want nothing to do with us."""
        with self._database.reading() as connection:
            return _opted_out(connection, authors)

    def written_on(self, authors: Collection[str], day: datetime) -> Mapping[str, int]:
        """How many reports of each author were stored on a day."""
        start, end = inbox_rules.of_day(day)
        within = (reports.c.day >= start) & (reports.c.day < end)
        found: dict[str, int] = {}
        with self._database.reading() as connection:
            for some in chunks(inbox_rules.among(authors)):
                query = select(reports.c.author, func.count()).where(reports.c.author.in_(some), within)
                found.update(
                    (author, number)
                    for author, number in connection.execute(query.group_by(reports.c.author))
                )
        return found

    def take_in(
        self,
        account: str,
        stream: str,
        reports: Sequence[Report],
        *,
        cursor: str | None,
        at_risk: Sequence[str],
        opt_outs: Sequence[str],
        counts: Counts,
        now: datetime,
    ) -> None:
        """Store what a page came to and move the cursor, together."""
        inbox_rules.check(reports)
        with self._database.writing() as connection:
            _remember_at_risk(connection, at_risk, now)
            _store(connection, reports)
            _opt_out(connection, opt_outs, now)
            _let_go(connection, inbox_rules.concerned(reports, opt_outs), now)
            for name, number in counts.items():
                _count(connection, name, number)
            _move(connection, account, stream, cursor)

    def reports(self, *, standings: Collection[Standing] | None = None, limit: int = 1000) -> list[Report]:
        """Reports in these standings, the oldest undecided first."""
        query = select(reports).order_by(*_WAITS_FIRST).limit(limit)
        if standings is not None:
            query = query.where(reports.c.standing.in_([one.value for one in standings]))
        with self._database.reading() as connection:
            return [_report(row) for row in connection.execute(query)]

    def report(self, report: ReportId) -> Report:
        """One report."""
        with self._database.reading() as connection:
            row = connection.execute(select(reports).where(reports.c.id == report)).first()
        if row is None:
            raise inbox_rules.unknown(report)
        return _report(row)

    def change(self, report: Report, was: Report, by: str, what: str, now: datetime) -> None:
        """Write a report in place of what it was, and a line of the ledger that holds none of its words."""
        inbox_rules.check([report])
        line = inbox_rules.line(was.id, by, what, now)
        with self._database.writing() as connection:
            row = connection.execute(select(reports).where(reports.c.id == was.id).with_for_update()).first()
            if row is None:
                raise inbox_rules.unknown(was.id)
            if _report(row) != was or report.id != was.id:
                raise inbox_rules.changed(was.id)
            _write(connection, report)
            write_decisions(connection, [line])

    def of_author(self, author: str) -> list[Report]:
        """Every report of an author, by either of the hashes that a report has of its writer."""
        if not author:
            return []
        query = select(reports).where(_written_by([author])).order_by(reports.c.id)
        with self._database.reading() as connection:
            return [_report(row) for row in connection.execute(query)]

    def of_message(self, mark: str) -> Report | None:
        """The report of the message with this mark, None where there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(reports).where(reports.c.mark == mark)).first()
        return _report(row) if row else None

    def holding(self, *, after: ReportId, limit: int = 500) -> list[Report]:
        """Reports that hold more of their writer than hashes, in the order of their numbers, after one."""
        query = select(reports).where(_HOLDS_SOMETHING, reports.c.id > after).order_by(reports.c.id)
        with self._database.reading() as connection:
            return [_report(row) for row in connection.execute(query.limit(limit))]

    def undecided_since(self, before: datetime) -> int:
        """How many undecided reports were taken in before an instant."""
        waiting = reports.c.standing == Standing.UNDECIDED.value
        with self._database.reading() as connection:
            query = select(func.count()).select_from(reports).where(waiting, reports.c.taken_at < before)
            return connection.scalar(query) or 0

    def numbers(self) -> Counts:
        """The anonymous numbers."""
        with self._database.reading() as connection:
            return {row.name: row.number for row in connection.execute(select(anonymous_counts))}

    def forget_marks(self, before: datetime) -> int:
        """Forget the marks at risk that were seen on earlier days; counts them."""
        old = at_risk_marks.c.seen_at < inbox_rules.since_day(before)
        with self._database.writing() as connection:
            return connection.execute(delete(at_risk_marks).where(old)).rowcount

    def keyed_by(self, key: str | None = None) -> str | None:
        """The mark of the key that our hashes are made with."""
        with self._database.reading() as connection:
            found: str | None = connection.scalar(select(hash_keys.c.mark))
        if found is not None or key is None:
            return found
        with self._database.writing() as connection:
            found = connection.scalar(select(hash_keys.c.mark))
            if found is None:
                connection.execute(insert(hash_keys).values(id=1, mark=key))
        return found or key

    def erase_again(self, marks: Collection[str], authors: Collection[str], now: datetime) -> int:
        """Erase what bears these marks, know them for ever, and let go of these authors; counts reports."""
        with self._database.writing() as connection:
            _remember_erased(connection, marks)
            _opt_out(connection, sorted(authors), now)
            return _erase(connection, marks, now) + _let_go(connection, authors, now)

    def scrub(self) -> None:
        """Leave nothing of what was erased in the database's file and its log."""
        self._database.scrub()


def _among(
    connection: Connection, column: Column[str], names: Collection[str], *more: ColumnElement[bool]
) -> frozenset[str]:
    """Those of some names that stand in a column, in rows of which more is true."""
    found: set[str] = set()
    for some in chunks(inbox_rules.among(names)):
        found.update(connection.scalars(select(column).where(column.in_(some), *more)))
    return frozenset(found)


def _known(connection: Connection, marks: Collection[str]) -> frozenset[str]:
    return frozenset().union(
        _among(connection, reports.c.mark, marks, not_(_SET_ASIDE)),
        _among(connection, at_risk_marks.c.mark, marks),
        _among(connection, erased_marks.c.mark, marks),
    )


def _opted_out(connection: Connection, authors: Collection[str]) -> frozenset[str]:
    return _among(connection, opt_outs.c.author, authors)


def _remember_at_risk(connection: Connection, marks: Sequence[str], now: datetime) -> None:
    there = _among(connection, at_risk_marks.c.mark, marks)
    day = inbox_rules.since_day(now)
    if new := [{"mark": mark, "seen_at": day} for mark in inbox_rules.among(marks) if mark not in there]:
        connection.execute(insert(at_risk_marks), new)


def _store(connection: Connection, found: Sequence[Report]) -> None:
    known = _known(connection, [report.mark for report in found])
    fresh: dict[str, Report] = {}
    for report in found:
        if report.mark not in known:
            fresh.setdefault(report.mark, report)
    for mark in _among(connection, reports.c.mark, fresh.keys()):
        again = _columns(fresh.pop(mark))
        connection.execute(update(reports).where(reports.c.mark == mark, _SET_ASIDE).values(again))
    if fresh:
        connection.execute(insert(reports), [_columns(report) for report in fresh.values()])


def _opt_out(connection: Connection, authors: Sequence[str], now: datetime) -> None:
    there = _opted_out(connection, authors)
    if new := [{"author": author, "at": now} for author in inbox_rules.among(authors) if author not in there]:
        connection.execute(insert(opt_outs), new)


def _remember_erased(connection: Connection, marks: Collection[str]) -> None:
    known = _among(connection, erased_marks.c.mark, marks)
    if new := [{"mark": mark} for mark in inbox_rules.among(marks) if mark not in known]:
        connection.execute(insert(erased_marks), new)


def _erase(connection: Connection, marks: Collection[str], now: datetime) -> int:
    lines = []
    for some in chunks(inbox_rules.among(marks)):
        left = reports.c.mark.in_(some) & (reports.c.standing != Standing.ERASED.value)
        query = select(reports).where(left).order_by(reports.c.id).with_for_update()
        for was in [_report(row) for row in connection.execute(query)]:
            _write(connection, erased(was))
            lines.append(inbox_rules.line(was.id, inbox_rules.BY_RESTORE, inbox_rules.ERASED_BEFORE, now))
    write_decisions(connection, lines)
    return len(lines)


def _let_go(connection: Connection, authors: Collection[str], now: datetime) -> int:
    """Keep nothing more of those among these authors who want nothing to do with us; counts reports."""
    lines = []
    for some in chunks(sorted(_opted_out(connection, authors))):
        query = select(reports).where(_written_by(some)).order_by(reports.c.id).with_for_update()
        for was in [_report(row) for row in connection.execute(query)]:
            if (left := opted_out(was)) != was:
                _write(connection, left)
                lines.append(inbox_rules.line(was.id, inbox_rules.BY_WRITER, inbox_rules.OPTED_OUT, now))
    write_decisions(connection, lines)
    return len(lines)


def _written_by(authors: Sequence[str]) -> ColumnElement[bool]:
    return reports.c.author.in_(authors) | reports.c.alias.in_(authors)


def _count(connection: Connection, name: str, number: int) -> None:
    counted = update(anonymous_counts).where(anonymous_counts.c.name == name)
    if not connection.execute(counted.values(number=anonymous_counts.c.number + number)).rowcount:
        connection.execute(insert(anonymous_counts).values(name=name, number=number))


def _move(connection: Connection, account: str, stream: str, cursor: str | None) -> None:
    this = update(streams).where(streams.c.account == account, streams.c.name == stream)
    if not connection.execute(this.values(cursor=cursor)).rowcount:
        connection.execute(insert(streams).values(account=account, name=stream, cursor=cursor))


def _write(connection: Connection, report: Report) -> None:
    connection.execute(update(reports).where(reports.c.id == report.id).values(_columns(report)))


def read_counted(connection: Connection) -> list[Report]:
    """Every report that a person has confirmed."""
    query = select(reports).where(reports.c.standing == Standing.COUNTED.value)
    return [_report(row) for row in connection.execute(query)]


def _report(row: AnyRow) -> Report:
    return Report(
        id=ReportId(row.id),
        account=row.account,
        platform=PlatformName(row.platform),
        mark=row.mark,
        author=row.author,
        alias=row.alias,
        group=row.group,
        day=row.day,
        taken_at=row.taken_at,
        language=Language(row.language) if row.language else None,
        audience=Audience(row.audience),
        risk=Risk(row.risk),
        no_boost=bool(row.no_boost),
        suggestion=Suggestion(
            is_report=bool(row.is_report),
            confidence=row.confidence,
            actions=_actions(row.guessed_actions),
            country=row.guessed_country,
            participants=row.guessed_participants,
            why=tuple(json.loads(row.why)) if row.why else (),
        ),
        standing=Standing(row.standing),
        actions=_actions(row.actions),
        country=row.country,
        participants=row.participants,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        handle=row.handle,
        text=row.text,
        url=row.url,
        remote_id=row.remote_id,
        boosted_at=row.boosted_at,
    )


def _columns(report: Report) -> dict[str, Any]:
    guess = report.suggestion
    return {
        "account": report.account,
        "platform": report.platform.value,
        "mark": report.mark,
        "author": report.author,
        "alias": report.alias,
        "group": report.group,
        "day": report.day,
        "taken_at": report.taken_at,
        "language": report.language,
        "audience": report.audience.value,
        "risk": report.risk.value,
        "no_boost": int(report.no_boost),
        "is_report": int(guess.is_report),
        "confidence": guess.confidence,
        "guessed_actions": _words(guess.actions),
        "guessed_country": guess.country,
        "guessed_participants": guess.participants,
        "why": json.dumps(guess.why, ensure_ascii=False) if guess.why else "",
        "standing": report.standing.value,
        "actions": _words(report.actions),
        "country": report.country,
        "participants": report.participants,
        "decided_at": report.decided_at,
        "decided_by": report.decided_by,
        "handle": report.handle,
        "text": report.text,
        "url": report.url,
        "remote_id": report.remote_id,
        "boosted_at": report.boosted_at,
    }


def _words(actions: Iterable[Action]) -> str:
    return " ".join(action.value for action in actions)


def _actions(words: str) -> tuple[Action, ...]:
    return tuple(Action(word) for word in words.split())
