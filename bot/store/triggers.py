"""What the schema refuses and no constraint can say. The only SQL that each database has in its own words.

A rule is a table, the event it stands before, the condition under which it refuses, and why. Both databases
share the conditions; only how a trigger is spelt differs. A rule that changes needs a new revision, be it an
empty one: rules are put in force when a store is brought up to date, and at no other time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from bot.domain.boosting import SETTLED
from bot.domain.delivery import MOVES, OF_SUPPORTERS, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that no program may do to the store, whatever its code says."""

    name: str
    table: str
    event: str
    refuses: str = ""  # always, where empty
    why: str


def _illegal_move() -> str:
    legal = " OR ".join(
        f"OLD.state = '{old.value}' AND NEW.state = '{new.value}'"
        for old in State
        for new in State
        if new in MOVES[old]
    )
    return f"NEW.state <> OLD.state AND NOT ({legal})"


def _listed(words: Iterable[StrEnum]) -> str:
    return ", ".join(f"'{word.value}'" for word in sorted(words))


_ERASED = (
    "(NEW.payload IS NOT NULL AND length(NEW.payload) = 0 AND NEW.text = '' AND NEW.state IN"  # noqa: S608
    f" ({_listed(SETTLED)}) AND EXISTS (SELECT 1 FROM rendition WHERE rendition.id = NEW.rendition"
    f" AND rendition.kind IN ({_listed(OF_SUPPORTERS)})))"
)

RULES = (
    Rule(
        name="delivery_moves",
        table="delivery",
        event="UPDATE OF state",
        refuses=_illegal_move(),
        why="a delivery moves only as its state allows",
    ),
    Rule(
        name="delivery_sent_is_final",
        table="delivery",
        event="UPDATE OF state, remote_id",
        refuses="OLD.remote_id IS NOT NULL AND"
        " (NEW.state <> 'sent' OR NEW.remote_id IS NULL OR NEW.remote_id <> OLD.remote_id)",
        why="what was sent stays sent, under its own id",
    ),
    Rule(
        name="delivery_payload_is_frozen",
        table="delivery",
        event="UPDATE OF payload",
        refuses="OLD.payload IS NOT NULL AND (NEW.payload IS NULL OR NEW.payload <> OLD.payload) AND NOT"
        " (OLD.doubts = 0 AND OLD.state IN ('scheduled', 'failed', 'expired', 'cancelled'))"
        f" AND NOT {_ERASED}",
        why="bytes that may have left never change",
    ),
    Rule(
        name="delivery_in_order",
        table="delivery",
        event="UPDATE OF state",
        refuses="NEW.state = 'sending' AND NEW.part > 1 AND NOT EXISTS (SELECT 1 FROM delivery AS before"
        " WHERE before.rendition = NEW.rendition AND before.part = NEW.part - 1 AND before.state = 'sent')",
        why="a part leaves only after the one before it was sent",
    ),
    Rule(
        name="delivery_begins",
        table="delivery",
        event="INSERT",
        refuses="NEW.state NOT IN ('scheduled', 'expired', 'cancelled') OR NEW.claimed_at IS NOT NULL",
        why="a delivery begins before anything of it has left",
    ),
    Rule(
        name="delivery_stays",
        table="delivery",
        event="DELETE",
        refuses="OLD.first_claimed_at IS NOT NULL",
        why="a delivery that was ever claimed is never deleted",
    ),
    Rule(
        name="attempt_ended",
        table="attempt",
        event="UPDATE",
        refuses="OLD.ended_at IS NOT NULL OR NEW.key <> OLD.key OR NEW.number <> OLD.number"
        " OR NEW.started_at <> OLD.started_at",
        why="the ledger is not rewritten",
    ),
    Rule(name="attempt_stays", table="attempt", event="DELETE", why="the ledger is not shortened"),
    Rule(name="decision_final", table="decision", event="UPDATE", why="the ledger is not rewritten"),
    Rule(name="decision_stays", table="decision", event="DELETE", why="the ledger is not shortened"),
    Rule(
        name="finding_final",
        table="finding",
        event="UPDATE",
        refuses="OLD.origin = 'ledger'",
        why="the ledger is not rewritten",
    ),
    Rule(
        name="finding_stays",
        table="finding",
        event="DELETE",
        refuses="OLD.origin = 'ledger'",
        why="the ledger is not shortened",
    ),
)


def install(connection: Connection, rules: Iterable[Rule] = RULES) -> None:
    """Put every rule in force; none of them may stand there yet."""
    spell = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.dialect.name]
    for rule in rules:
        for statement in spell(rule):
            connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Take every rule out of force, so that a migration can rebuild a table."""
    where = {"sqlite": "", "postgresql": " ON {}"}[connection.dialect.name]
    for rule in RULES:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {rule.name}{where.format(rule.table)}")


def _sqlite(rule: Rule) -> Iterator[str]:
    when = f"WHEN {rule.refuses} " if rule.refuses else ""
    yield (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{rule.why}'); END"
    )


def _postgresql(rule: Rule) -> Iterator[str]:
    # A condition that looks at other rows may stand in the function only, not in the trigger's own WHEN.
    row = "OLD" if rule.event == "DELETE" else "NEW"
    yield (
        f"CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {rule.refuses or 'true'} THEN "
        f"RAISE EXCEPTION '{rule.why}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN {row}; END $$"
    )
    yield (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {rule.name}()"
    )
