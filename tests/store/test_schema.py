import hashlib
import sqlite3

import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.domain.errors import StoreError
from bot.domain.post import PostId
from bot.store import migrate, open_store, triggers
from bot.store.tables import metadata
from tests.builders import NOON, SECOND, a_receipt, planned
from tests.contracts.steps import claim, owe, send

THREAD = planned(texts=("one", "two"))
RULES_OF_0005 = "7d9adeb04acf18b9"


def schema(connection):
    """Everything a database is made of, in its own words."""
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'"
    )
    # A table that a migration has made anew is written with its name in quotes.
    return {(kind, name): " ".join((sql or "").replace('"', "").split()) for kind, name, sql in found}


def scripts():
    config = Config()
    config.set_main_option("script_location", str(migrate._SCRIPTS))
    return ScriptDirectory.from_config(config)


def test_migrations_lead_to_the_tables_that_the_program_describes(raw, fresh):
    assert schema(raw) == schema(fresh)


def test_the_schema_has_tables_constraints_indexes_and_triggers_to_compare(raw):
    kinds = [kind for kind, _ in schema(raw)]

    assert kinds.count("table") == len(metadata.tables)
    assert kinds.count("trigger") == len(triggers.RULES)
    assert "CONSTRAINT ck_delivery_state CHECK" in schema(raw)["table", "delivery"]


def test_every_table_is_strict(raw):
    ours = {name: strict for _, name, _, _, _, strict in raw.execute("PRAGMA table_list")}

    assert all(ours[name] for name in metadata.tables)


def test_every_constraint_and_index_has_a_name():
    for table in metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints)
        assert all(index.name for index in table.indexes)


def test_the_program_knows_every_revision_in_order():
    revisions = [script.revision for script in scripts().walk_revisions()]

    assert tuple(reversed(revisions)) == migrate.REVISIONS
    assert scripts().get_heads() == [migrate.REVISIONS[-1]]


def test_a_rule_changes_only_with_a_revision():
    rules = hashlib.sha256(repr(triggers.RULES).encode()).hexdigest()[:16]

    assert (migrate.REVISIONS[-1], rules) == ("0005", RULES_OF_0005)


def test_a_store_of_a_newer_program_is_refused(path, raw):
    raw.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match=r"newer version of this program .*9999.*update the program"):
        open_store(path)


def test_the_database_of_another_program_is_refused(tmp_path):
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE bookmarks (url)")
    other.close()

    with pytest.raises(StoreError, match=r"another program.*bookmarks"):
        open_store(tmp_path / "other.sqlite")


def test_a_reader_does_not_bring_a_store_up_to_date(tmp_path):
    (tmp_path / "empty.sqlite").touch()

    with pytest.raises(StoreError, match="older than this program"):
        open_store(tmp_path / "empty.sqlite", read_only=True)


def test_migrating_is_all_or_nothing(tmp_path):
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'cut.sqlite'}")
    cut = Cut()
    sqlalchemy.event.listen(engine, "connect", lambda connection, _: cut.prepare(connection))
    sqlalchemy.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    sqlalchemy.event.listen(engine, "before_cursor_execute", cut.count)

    while not migrated(engine, cut):
        assert tables(engine) == []

    assert "delivery" in tables(engine)
    assert cut.after > 30
    engine.dispose()


class Cut:
    """Breaks a connection off before one statement, each time a later one."""

    def __init__(self):
        self.after = 0
        self.left = None

    def prepare(self, connection):
        connection.isolation_level = None

    def count(self, *_):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise ConnectionAbortedError

    def again(self):
        self.after += 1
        self.left = self.after


def migrated(engine, cut):
    cut.again()
    try:
        with engine.begin() as connection:
            migrate.migrate(connection, "cut.sqlite")
    except ConnectionAbortedError:
        return False
    finally:
        cut.left = None
    return True


def tables(engine):
    with engine.connect() as connection:
        return sqlalchemy.inspect(connection).get_table_names()


def refuses(raw, reason, *statement):
    with pytest.raises(sqlite3.IntegrityError, match=reason):
        raw.execute(" ".join(statement))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("state = 'posted'", "moves only as its state allows"),
        ("state = 'sent', remote_id = '1', url = '', cid = '', how = 'direct'", "moves only"),
        ("state = 'failed', next_at = NULL", "moves only"),
        ("remote_id = '1'", "ck_delivery_receipt"),
        ("how = 'direct'", "ck_delivery_receipt"),
        ("next_at = NULL", "ck_delivery_next_at"),
        ("state = 'cancelled'", "ck_delivery_next_at"),
        ("state = 'sending', next_at = NULL", "ck_delivery_claimed"),
        ("part = 0", "ck_delivery_part"),
        ("part = 3", "ck_delivery_part"),
        ("ready = 0", "ck_delivery_ready"),
        ("attempts = 1", "ck_delivery_first_claimed"),
        ("doubts = 1", "ck_delivery_counts"),
        ("looks = -1", "ck_delivery_counts"),
        ("verified_at = 1", "ck_delivery_verified"),
        ("account = 'nowhere'", "FOREIGN KEY"),
        ("rendition = 99", "FOREIGN KEY"),
        ("text = NULL", "NOT NULL"),
        ("planned_at = 'tomorrow'", "TEXT value in INTEGER"),
    ],
)
def test_the_schema_refuses_of_what_is_scheduled(store, raw, change, reason):
    owe(store, THREAD)
    raw.execute("PRAGMA foreign_keys = ON")

    refuses(raw, reason, "UPDATE delivery SET", change, "WHERE part = 1")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            "state = 'scheduled', remote_id = NULL, url = NULL, cid = NULL, how = NULL",
            "moves only|stays sent",
        ),
        ("remote_id = '2'", "stays sent, under its own id"),
        ("remote_id = NULL", "stays sent, under its own id"),
        ("payload = x'00'", "never change"),
        ("payload = NULL", "never change"),
        ("how = 'guessed'", "ck_delivery_how"),
        ("epoch = NULL", "ck_delivery_claimed"),
    ],
)
def test_the_schema_refuses_of_what_was_sent(store, raw, change, reason):
    with store.hold(NOON, {}):
        owe(store)
        send(store)

    refuses(raw, reason, "UPDATE delivery SET", change)


def test_the_schema_keeps_bytes_that_may_have_left(store, raw):
    owe(store)
    with store.hold(NOON, {}):
        claim(store)

    refuses(raw, "never change", "UPDATE delivery SET payload = x'00'")


def test_the_schema_keeps_something_in_doubt_waiting_for_somebody(store, raw):
    owe(store)
    with store.hold(NOON, {}):
        claim(store)
        store.park(NOON, {})

    refuses(raw, "ck_delivery_next_at", "UPDATE delivery SET next_at = NULL")
    refuses(raw, "ck_delivery_doubts", "UPDATE delivery SET doubts = 0")


def test_the_schema_keeps_the_order_of_a_thread(store, raw):
    owe(store, THREAD)

    refuses(
        raw,
        "only after the one before it was sent",
        "UPDATE delivery SET state = 'sending', next_at = NULL, ready = 1, epoch = 1, payload = x'00',",
        "attempts = 1, claimed_at = 1, first_claimed_at = 1 WHERE part = 2",
    )


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("delivery", "ever claimed is never deleted"),
        ("attempt", "not shortened"),
        ("decision", "not shortened"),
    ],
)
def test_the_schema_keeps_what_was_done(store, raw, table, reason):
    owe(store)
    with store.hold(NOON, {}):
        send(store)

    refuses(raw, reason, "DELETE FROM", table)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attempt SET note = 'nothing happened'",
        "UPDATE attempt SET ended_at = NULL, outcome = 'sending'",
        "UPDATE decision SET note = 'nothing happened'",
    ],
)
def test_the_schema_does_not_rewrite_the_ledger(store, raw, statement):
    owe(store)
    with store.hold(NOON, {}):
        send(store)

    refuses(raw, "not rewritten", statement)


def test_the_schema_lets_a_delivery_begin_only_at_the_beginning(store, raw):
    owe(store)
    columns = [name for _, name, *_ in raw.execute("PRAGMA table_info(delivery)")]
    with store.hold(NOON, {}):
        send(store)
    copied = ", ".join(
        {"key": "'k2'", "part": "2", "parts": "2", "remote_id": "'2'"}.get(n, n) for n in columns
    )

    refuses(raw, "before anything of it", "INSERT INTO delivery SELECT", copied, "FROM delivery")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("INSERT INTO instance VALUES (2, 1, 1, '', 1)", "ck_instance_single"),
        ("INSERT INTO switch VALUES ('open', 1, 'anna', '')", "ck_switch_name"),
        ("UPDATE account SET pause_at = 1", "ck_account_pause"),
        ("UPDATE account SET pause_blocked = 1", "ck_account_blocked"),
        ("UPDATE account SET platform = 'fax'", "ck_account_platform"),
        ("UPDATE rendition SET kind = 'fax'", "ck_rendition_kind"),
        ("UPDATE rendition SET absent = 2", "ck_rendition_absent"),
        ("INSERT INTO attempt VALUES (9, 'k', 1, 1, 1, NULL, 'sent', '')", "ck_attempt_outcome"),
        ("UPDATE delivery SET key = (SELECT key FROM delivery WHERE part = 1) WHERE part = 2", "UNIQUE"),
        ("UPDATE delivery SET part = 1 WHERE part = 2", "UNIQUE|ck_delivery"),
        (
            "INSERT INTO rendition"
            " SELECT 9, account, kind, post, occurrence, language, 1, 1, '', 0 FROM rendition",
            "UNIQUE",
        ),
        (
            "INSERT INTO account"
            " SELECT 'b', platform, 1, own_id, '', '', 1, 1, NULL, NULL, NULL, 0, NULL FROM account",
            "UNIQUE",
        ),
    ],
)
def test_the_schema_refuses(store, raw, statement, reason):
    owe(store, THREAD)

    refuses(raw, reason, statement)


def test_the_schema_gives_an_id_to_one_delivery(store, raw):
    store.plan([planned(), planned(occurrence="2")], [], NOON)
    with store.hold(NOON, {}):
        send(store, a_receipt("1"))
        second = send(store, a_receipt("2"), NOON + SECOND)

    raw.execute("DROP TRIGGER delivery_sent_is_final")

    refuses(raw, "UNIQUE", "UPDATE delivery SET remote_id = '1' WHERE key =", repr(str(second.key)))


@pytest.fixture
def old(tmp_path):
    """A store as the first version of the program left it, with a thread of which one part was sent."""
    path = tmp_path / "old.sqlite"
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migrate._SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in (
            "INSERT INTO account VALUES"
            " ('x', 'x', 1, '42', '@us', 'https://x.example', NULL, NULL, NULL, NULL, NULL, 0, NULL)",
            "INSERT INTO post VALUES ('may-day', 1, NULL)",
            "INSERT INTO rendition VALUES (7, 'x', 'post', 'may-day', '', 'en', 3, 5, 'digest', 0)",
            "INSERT INTO delivery (key, rendition, account, part, parts, text, planned_at, expires_at, ready,"
            " state, next_at, attempts, doubts, looks, epoch, first_claimed_at, claimed_at, payload,"
            " remote_id, url, cid, how) VALUES ('one', 7, 'x', 1, 2, 'One', 1, 9, 1, 'sent', NULL, 1,"
            " 0, 0, 1, 2, 2, x'41', '1', 'u', '', 'direct')",
            "INSERT INTO delivery (key, rendition, account, part, parts, text, planned_at, expires_at, ready,"
            " state, next_at, attempts, doubts, looks) VALUES ('two', 7, 'x', 2, 2, 'Two', 1, 9, 1,"
            " 'scheduled', 3, 0, 0, 0)",
            "INSERT INTO switch VALUES ('started', 1, 'anna', '')",
        ):
            connection.exec_driver_sql(statement)
        triggers.install(connection, [rule for rule in triggers.RULES if rule.table != "finding"])
    engine.dispose()
    return path


def test_a_store_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it(old, fresh):
    store = open_store(old)

    found = store.of_post(PostId("may-day"))
    assert [(one.key, one.state.value, one.text) for one in found] == [
        ("one", "sent", "One"),
        ("two", "scheduled", "Two"),
    ]
    assert found[1].parent.remote_id == "1"
    assert store.started()
    store.close()
    with sqlite3.connect(old) as connection:
        assert schema(connection) == schema(fresh)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_store_that_was_brought_up_to_date_still_refuses_orphans(old):
    store = open_store(old)

    with pytest.raises(StoreError), store._database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM rendition")
    store.close()
