"""What is known of people and facts, and which drafts were approved."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select

from bot.domain.case import Finding, Status, Subject
from bot.domain.draft import Approvals
from bot.domain.post import Language, PostId
from bot.store import rules
from bot.store.base import Base, write_decisions
from bot.store.register import switch_on
from bot.store.rows import AnyRow
from bot.store.tables import approvals, findings, switches

FILE, LEDGER = "file", "ledger"


class Knowledge(Base):
    """The part of the store that knows what may be said."""

    def know(self, found: Sequence[Finding], now: datetime) -> bool:
        """Take what the files say now in place of what they said before; whether anything changed."""
        wanted = {one.subject: one for one in found}
        with self._database.reading() as connection:
            if _of_files(connection) == wanted:
                return False
        with self._database.writing() as connection:
            connection.execute(delete(findings).where(findings.c.origin == FILE))
            if wanted:
                connection.execute(insert(findings), [_row(one, FILE, now) for one in wanted.values()])
        return True

    def find_out(self, finding: Finding, now: datetime) -> None:
        """Add a person's check to the ledger."""
        with self._database.writing() as connection:
            connection.execute(insert(findings).values(_row(finding, LEDGER, now)))
            write_decisions(connection, [rules.check(finding, now)])

    def findings(self) -> Mapping[Subject, tuple[Finding | None, tuple[Finding, ...]]]:
        """What the file says of each subject, and the ledger's checks, oldest first."""
        with self._database.reading() as connection:
            return read_findings(connection)

    def pause_people(self, reason: str, by: str, now: datetime) -> None:
        """Let nothing that names a person be claimed, until lifted by hand."""
        with self._database.writing() as connection:
            switch_on(connection, rules.PEOPLE, by, now, reason)
            write_decisions(connection, [rules.line(now, by, "pause", rules.PEOPLE, reason)])

    def resume_people(self, by: str, now: datetime) -> None:
        """Allow what names people again."""
        with self._database.writing() as connection:
            connection.execute(delete(switches).where(switches.c.name == rules.PEOPLE))
            write_decisions(connection, [rules.line(now, by, "resume", rules.PEOPLE)])

    def people_paused(self) -> str | None:
        """Why what names people is paused, None where it is not."""
        with self._database.reading() as connection:
            return read_people_paused(connection)

    def approve(self, lifted: Approvals, by: str, now: datetime) -> None:
        """Remember that a person lifts these drafts, each as its digest names it."""
        with self._database.writing() as connection:
            for (post, language), digest in lifted.items():
                key = {"post": post, "language": language or ""}
                connection.execute(
                    delete(approvals).where(approvals.c.post == post, approvals.c.language == key["language"])
                )
                connection.execute(insert(approvals).values(digest=digest, by=by, at=now, **key))
            write_decisions(connection, [rules.approval(draft, by, now) for draft in lifted])

    def approvals(self) -> Approvals:
        """The digests of what was approved last."""
        with self._database.reading() as connection:
            return {
                (PostId(row.post), Language(row.language) if row.language else None): row.digest
                for row in connection.execute(select(approvals))
            }

    def mark(self) -> str:
        """Another text whenever a finding, an approval or the pause of people has changed."""
        with self._database.reading() as connection:
            last = connection.execute(
                select(func.max(findings.c.at), func.max(findings.c.id), func.count())
            ).one()
            lifted = connection.execute(select(func.max(approvals.c.at), func.count(approvals.c.post))).one()
            paused = connection.scalar(select(switches.c.at).where(switches.c.name == rules.PEOPLE))
        return f"{tuple(last)} {tuple(lifted)} {paused}"


def read_findings(
    connection: Connection, subjects: Collection[Subject] | None = None
) -> dict[Subject, tuple[Finding | None, tuple[Finding, ...]]]:
    """What the files and the ledger say of some subjects, or of all."""
    query = select(findings).order_by(findings.c.id)
    if subjects is not None:
        query = query.where(findings.c.subject.in_(subjects))
    files: dict[Subject, Finding] = {}
    checks: dict[Subject, list[Finding]] = {}
    for row in connection.execute(query):
        one = _finding(row)
        if row.origin == FILE:
            files[one.subject] = one
        else:
            checks.setdefault(one.subject, []).append(one)
    return {one: (files.get(one), tuple(checks.get(one, ()))) for one in {**files, **checks}}


def read_people_paused(connection: Connection) -> str | None:
    """Why what names people is paused, None where it is not."""
    reason: str | None = connection.scalar(select(switches.c.reason).where(switches.c.name == rules.PEOPLE))
    return reason


def _of_files(connection: Connection) -> dict[Subject, Finding]:
    rows = connection.execute(select(findings).where(findings.c.origin == FILE))
    return {one.subject: one for one in map(_finding, rows)}


def _finding(row: AnyRow) -> Finding:
    return Finding(
        subject=Subject(row.subject),
        name=row.name,
        status=Status(row.status) if row.status else None,
        verified_on=date.fromisoformat(row.verified_on),
        check_by=date.fromisoformat(row.check_by) if row.check_by else None,
        source=row.source,
        by=row.by,
        resolves=bool(row.resolves),
    )


def _row(one: Finding, origin: str, now: datetime) -> dict[str, object]:
    return {
        "subject": one.subject,
        "origin": origin,
        "name": one.name,
        "status": one.status.value if one.status else None,
        "verified_on": one.verified_on.isoformat(),
        "check_by": one.check_by.isoformat() if one.check_by else None,
        "source": one.source,
        "by": one.by,
        "at": now,
        "resolves": int(one.resolves),
    }
