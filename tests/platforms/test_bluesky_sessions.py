"""Logins and sessions: few, kept, renewed, and never the reason that a post is lost or comes twice."""

import base64
import json
import stat
from datetime import timedelta
from threading import Thread

import pytest

from bot.domain.errors import Concern, TryLaterError
from bot.platforms.bluesky.answers import needless
from bot.platforms.bluesky.session import Session
from bot.sandbox import Cut, Fault, Gate, Hold
from tests.contracts.stages import bluesky_platform
from tests.platforms.conftest import Ahead, Hands, bluesky_at, xrpc_error


def again(sandbox, path, **changes):
    """The same account, as after a restart."""
    account = sandbox.bluesky.account
    password = changes.pop("password", account.app_password)
    return bluesky_platform(sandbox.bluesky.url, account.handle, password, path, **changes)


def logins(sandbox):
    return len(sandbox.record.asked("bluesky", "login"))


def refreshes(sandbox):
    return len(sandbox.record.asked("bluesky", "refresh"))


@pytest.mark.usefixtures("bluesky")
def test_a_restart_needs_no_new_login(sandbox, tmp_path):
    again(sandbox, tmp_path).identify()

    assert logins(sandbox) == 1


@pytest.mark.usefixtures("bluesky")
def test_the_session_is_for_our_eyes_only(tmp_path):
    (path,) = tmp_path.glob("*.json")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("error", ["ExpiredToken", "InvalidToken"])
def test_a_session_that_ran_out_is_renewed_and_the_post_made_once(bluesky, sandbox, error):
    sandbox.faults.add(xrpc_error("publish", 400, error))

    bluesky.platform.publish(bluesky.delivery())

    assert (len(bluesky.texts()), refreshes(sandbox), logins(sandbox)) == (1, 1, 1)


@pytest.mark.parametrize("status", [400, 401])
def test_a_session_that_cannot_be_renewed_is_opened_with_the_password(bluesky, sandbox, status):
    sandbox.faults.add(
        xrpc_error("publish", 400, "ExpiredToken"), xrpc_error("refresh", status, "ExpiredToken")
    )

    bluesky.platform.publish(bluesky.delivery())

    assert (len(bluesky.texts()), refreshes(sandbox), logins(sandbox)) == (1, 1, 2)


def test_a_renewed_session_outlives_a_restart(bluesky, sandbox, tmp_path):
    before = bluesky.platform._sessions.current
    sandbox.faults.add(xrpc_error("publish", 400, "ExpiredToken"))
    bluesky.platform.publish(bluesky.delivery())

    restarted = again(sandbox, tmp_path)
    restarted.identify()

    after = restarted._sessions.current
    assert (after.did, after.server) == (before.did, before.server)
    assert (after.access, after.refresh) != (before.access, before.refresh)
    assert (refreshes(sandbox), logins(sandbox)) == (1, 1)


def test_sessions_that_are_never_believed_shut_the_account_out(bluesky, sandbox):
    sandbox.faults.add(xrpc_error("publish", 400, "ExpiredToken", times=2))

    with pytest.raises(TryLaterError) as caught:
        bluesky.platform.publish(bluesky.delivery())

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED
    assert bluesky.texts() == []


@pytest.mark.parametrize("status", [429, 503])
def test_a_session_that_cannot_be_renewed_now_is_kept_for_later(bluesky, sandbox, status):
    sandbox.faults.add(xrpc_error("publish", 400, "ExpiredToken"), xrpc_error("refresh", status, "Busy"))

    with pytest.raises(TryLaterError):
        bluesky.platform.publish(bluesky.delivery())
    bluesky.platform.publish(bluesky.delivery())

    assert (len(bluesky.texts()), logins(sandbox)) == (1, 1)


def test_a_session_close_to_its_end_is_renewed_before_the_post(bluesky, sandbox, tmp_path):
    make_old(tmp_path)
    platform = again(sandbox, tmp_path)

    platform.publish(bluesky.delivery())

    assert (len(bluesky.texts()), refreshes(sandbox), logins(sandbox)) == (1, 1, 1)


def test_a_session_that_is_too_old_to_be_renewed_is_opened_with_the_password(bluesky, sandbox, tmp_path):
    make_old(tmp_path)
    sandbox.faults.add(xrpc_error("refresh", 400, "ExpiredToken", times=2))
    platform = again(sandbox, tmp_path)

    platform.publish(bluesky.delivery())

    assert (len(bluesky.texts()), logins(sandbox)) == (1, 2)


def make_old(folder):
    """Let the session in a file say that its access token has just run out."""
    (path,) = folder.glob("*.json")
    kept = json.loads(path.read_text(encoding="utf-8"))
    session = kept["session"].split(":::")
    head, _, signature = session[2].split(".")
    claims = json.dumps({"exp": 1, "scope": "com.atproto.appPass"}).encode()
    session[2] = f"{head}.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{signature}"
    path.write_text(json.dumps({**kept, "session": ":::".join(session)}), encoding="utf-8")


@pytest.mark.usefixtures("bluesky")
def test_a_session_file_nobody_can_read_is_made_anew(sandbox, tmp_path):
    (path,) = tmp_path.glob("*.json")
    path.write_text("{", encoding="utf-8")

    again(sandbox, tmp_path).identify()

    assert json.loads(path.read_text())["session"]


@pytest.mark.usefixtures("bluesky")
def test_a_session_for_another_server_is_not_used(sandbox, tmp_path):
    account = sandbox.bluesky.account
    elsewhere = bluesky_platform("http://127.0.0.1:9", account.handle, account.app_password, tmp_path)

    with pytest.raises(TryLaterError, match="could not be reached"):
        elsewhere.identify()


def test_a_wrong_password_is_not_tried_again_at_once(sandbox, tmp_path):
    platform = again(sandbox, tmp_path, password="wrong")

    for _ in range(3):
        with pytest.raises(TryLaterError):
            platform.identify()

    assert logins(sandbox) == 1


def test_a_wrong_password_is_not_tried_again_after_a_restart(sandbox, tmp_path):
    for _ in range(3):
        with pytest.raises(TryLaterError):
            again(sandbox, tmp_path, password="wrong").identify()

    assert logins(sandbox) == 1


def test_the_wait_after_a_failed_login_says_how_long_it_is(sandbox, tmp_path):
    platform = again(sandbox, tmp_path, password="wrong")
    with pytest.raises(TryLaterError):
        platform.identify()

    with pytest.raises(TryLaterError, match="logins are counted") as caught:
        platform.identify()

    assert timedelta(minutes=14) < caught.value.wait <= timedelta(minutes=15)
    assert caught.value.concern is Concern.ACCOUNT_BUSY


def test_a_failed_login_is_tried_again_a_quarter_of_an_hour_later(sandbox, tmp_path):
    platform = again(sandbox, tmp_path, password="wrong")
    with pytest.raises(TryLaterError):
        platform.identify()
    platform._sessions._clock = Ahead(timedelta(minutes=15))

    with pytest.raises(TryLaterError):
        platform.identify()

    assert logins(sandbox) == 2


def test_a_corrected_password_is_tried_at_once(sandbox, tmp_path):
    platform = again(sandbox, tmp_path, password="wrong")
    with pytest.raises(TryLaterError):
        platform.identify()

    platform._sessions._app_password = lambda: sandbox.bluesky.account.app_password

    assert platform.identify().own_id == sandbox.bluesky.account.id


@pytest.mark.parametrize("failed", [7, {}, {"of": 3}, {"at": "soon"}, None])
def test_a_file_that_somebody_wrote_in_stops_nobody(sandbox, tmp_path, failed):
    path = tmp_path / "session.json"
    account = sandbox.bluesky.account
    kept = {"for": [sandbox.bluesky.url, account.handle], "failed": failed, "session": failed, "tag": failed}
    path.write_text(json.dumps(kept), encoding="utf-8")

    assert bluesky_at(sandbox, path).identify().own_id == account.id


def test_a_folder_that_cannot_be_written_costs_logins_but_no_posts(bluesky, sandbox, tmp_path, caplog):
    (tmp_path / "file").write_text("", encoding="utf-8")
    platform = bluesky_at(sandbox, tmp_path / "file" / "session.json")

    platform.publish(bluesky.delivery())

    assert len(bluesky.texts()) == 1
    assert "the next start logs in anew" in caplog.text


@pytest.mark.usefixtures("bluesky")
def test_nothing_is_left_beside_the_session_file(tmp_path):
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_a_machine_that_slept_during_the_login_sends_nothing(bluesky, sandbox, tmp_path):
    platform = bluesky_at(sandbox, tmp_path / "fresh.json")
    hands = Hands()
    platform._wire.clock = hands
    gate = Gate()
    sandbox.faults.add(Fault(platform="bluesky", operation="login", action=Hold(gate=gate, store=True)))

    def fall_asleep():
        gate.wait_reached()
        hands.sleep(3600)
        gate.release()

    sleeping = Thread(target=fall_asleep)
    sleeping.start()
    with pytest.raises(TryLaterError, match="slept"):
        platform.publish(bluesky.delivery())
    sleeping.join()

    assert bluesky.texts() == []


@pytest.mark.parametrize(
    ("scope", "excess"),
    [
        ("com.atproto.appPass", ()),
        ("com.atproto.appPassPrivileged", ("direct messages",)),
        ("com.atproto.access", ("everything: this is the account's own password, not an app password",)),
        ("", ()),
    ],
)
def test_a_session_that_may_do_more_than_we_need_is_seen(scope, excess):
    claims = base64.urlsafe_b64encode(json.dumps({"scope": scope}).encode()).decode().rstrip("=")

    session = Session.read(f"campaign.example:::did:plc:abc:::e30.{claims}.x:::e30.e30.x:::http://127.0.0.1")

    assert needless(session.scope) == excess


@pytest.mark.parametrize("written", ["", "a:::b", "a:::b:::c:::d:::e:::f"])
def test_a_session_in_another_form_is_none(written):
    assert Session.read(written) is None


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.e30.c", "a.W10.c"])
def test_a_token_that_says_nothing_allows_nothing_in_particular(token):
    session = Session(handle="h", did="d", access=token, refresh="r", server="s")

    assert session.scope == ""


def test_a_server_that_was_not_reached_is_no_failed_login(sandbox, tmp_path):
    sandbox.faults.add(Fault(platform="bluesky", operation="login", action=Cut(store=False)))
    platform = again(sandbox, tmp_path)
    with pytest.raises(TryLaterError):
        platform.identify()

    assert platform.identify().own_id == sandbox.bluesky.account.id
