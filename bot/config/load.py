"""Read the configuration: everything that is wrong with it is said at once, and no secret is ever shown."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.config.alarm import SUBMISSION_PORT, AlarmConfig, MailConfig, WebAddress
from bot.config.collect import collecting_of, privacy_of
from bot.config.model import (
    BACKUP_AT,
    BACKUPS_KEPT,
    BASE_URL,
    BY_HAND,
    CREDENTIALS,
    DEADLINE,
    DEFAULT_BACKUPS,
    DEFAULT_LANGUAGES,
    DEFAULT_LOG_LEVEL,
    DEFAULT_QUEUE,
    DEFAULT_STORE,
    DEFAULT_TAG,
    DEFAULT_VISIBILITY,
    LANGUAGE_GAP,
    PART_GAP,
    PLAN_AHEAD,
    AccountConfig,
    BackupConfig,
    Config,
    lies_in,
)
from bot.config.secret import Secret
from bot.config.table import CONFIG, PLAIN_KEYS, parse_handle
from bot.domain.calendar import Slot
from bot.domain.case import AGE
from bot.domain.catch_up import CatchUp
from bot.domain.delivery import PATIENCE
from bot.domain.errors import ConfigError
from bot.domain.lengths import PlatformName
from bot.domain.problem import Severity
from bot.strictyaml.characters import MOST_BYTES
from bot.strictyaml.fields import INVALID, Wrong
from bot.strictyaml.nodes import Node, Reading, key_place_of, place_of
from bot.strictyaml.reader import parse

_KEY_LINE = r"(\s*(?:- +)?)([\w-]+)(\s*:)(.*)"
_KEYS = r"([\w-]+)\s*:(?=\s|$)"
_HARMLESS = r"\s*(#.*|- +[\w:\"-]{1,12})?"  # a remark, or an item of a short list
_SECRETS = frozenset(name for names in CREDENTIALS.values() for name in names)


def load_config(path: Path) -> Config:
    """Read a configuration. Raises ConfigError that lists everything to mend; secrets are not read yet."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        fix = "; `init` writes one, and config.example.yaml explains it" if not path.exists() else ""
        raise ConfigError(f"the configuration {path} cannot be read: {error.strerror}{fix}") from error
    root, reading = parse(data, str(path), mask=masked)
    config = None
    if root is not None:
        config = _config(root, reading, path.parent)
    elif not reading.failed:
        reading.add(None, "the configuration is empty", "copy config.example.yaml, or run `init`")
    if config is None or reading.failed:
        errors = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
        raise ConfigError("\n".join(map(str, errors)))
    return config


def masked(line: str) -> str:
    """A line as it may be shown: what stands where a secret could stand is left out."""
    keys = re.findall(_KEYS, line)
    plain = PLAIN_KEYS.issuperset(keys) and "@" not in line.partition("://")[2]
    if re.fullmatch(_HARMLESS, line) or (keys and plain):
        return line
    found = re.fullmatch(_KEY_LINE, line)
    if not found:
        return "••••"
    indent, key, colon, text = found.groups()
    return f"{indent}{key}{colon}" + (" ••••" if text.strip() else "")


def _config(root: Node, reading: Reading, folder: Path) -> Config | None:
    found = CONFIG.read(root, reading)
    if found is INVALID:
        return None
    accounts = _accounts(root, found, reading)
    slots = _slots(root, found, reading)
    _check_alarm(root, found, reading)
    collect = collecting_of(root, found, accounts, reading)
    if reading.failed:
        return None
    store = found.get("store", DEFAULT_STORE)
    if isinstance(store, str) and "://" not in store:
        store = str(folder / store)
    beside = isinstance(store, str) and "://" not in store
    state = Path(store).parent if beside else folder / "state"
    backup = _backup(found.get("backup", {}), folder, state)
    if fault := _fault_of_key_folder(backup, state):
        reading.add(key_place_of(root[0]["backup"][0]["key_folder"]), *fault)
        return None
    return Config(
        campaign=found["campaign"],
        timezone=found.get("timezone"),
        queue=folder / found.get("queue", DEFAULT_QUEUE),
        store_at=_placed(store, folder) if isinstance(store, Secret) else store,
        state=state,
        backup=backup,
        slots=slots,
        language_gap=found.get("language_gap", LANGUAGE_GAP),
        catch_up=CatchUp(**found.get("catch_up", {})),
        case_age=found.get("case_age", AGE),
        plan_ahead=found.get("plan_ahead", PLAN_AHEAD),
        log_level=found.get("log_level", DEFAULT_LOG_LEVEL),
        alarm=_alarm(found.get("alarm", {}), folder),
        heartbeat=_web_address(found.get("heartbeat_url"), folder),
        privacy=privacy_of(found.get("privacy")),
        collect=collect,
        accounts=tuple(
            replace(
                account,
                credentials={name: _placed(one, folder) for name, one in account.credentials.items()},
            )
            for account in accounts
        ),
    )


def _backup(found: Mapping[str, Any], folder: Path, state: Path) -> BackupConfig:
    key_folder = found.get("key_folder")
    return BackupConfig(
        folder=folder / found["folder"] if "folder" in found else state / DEFAULT_BACKUPS,
        key_folder=folder / key_folder if key_folder not in (None, BY_HAND) else None,
        key_by_hand=key_folder == BY_HAND,
        keep=found.get("keep", BACKUPS_KEPT),
        at=found.get("at", BACKUP_AT),
    )


def _fault_of_key_folder(backup: BackupConfig, state: Path) -> tuple[str, str] | None:
    """Why a copy of the key is none there, and what to do about it; None where all is well."""
    if backup.key_folder is None:
        return None
    if lies_in(backup.key_folder, backup.folder):
        said = "whoever gets the backups would get the key as well, which tells whose reports they hold"
    elif backup.key_folder.resolve() == state.resolve():
        said = "the key lies in this folder already, and this is for its second copy"
    else:
        return None
    return said, "name a folder elsewhere, best on another disk; or `by hand`, where a person keeps the copy"


def _placed(secret: Secret, folder: Path) -> Secret:
    """A secret that is found from wherever the program runs."""
    return Secret(file=folder / secret.file) if secret.file else secret


def _web_address(found: str | Secret | None, folder: Path) -> WebAddress | None:
    if found is None:
        return None
    return WebAddress(kept=_placed(found, folder)) if isinstance(found, Secret) else WebAddress(url=found)


def _alarm(found: Mapping[str, Any], folder: Path) -> AlarmConfig:
    mail = found.get("email")
    return AlarmConfig(
        mail=_mail(mail, folder) if mail else None,
        webhook=_web_address(found.get("webhook", {}).get("url"), folder),
        command=found.get("command", ()),
        folder=folder,
    )


def _mail(found: Mapping[str, Any], folder: Path) -> MailConfig:
    password = found.get("password")
    return MailConfig(
        to=found["to"],
        sender=found["from"],
        server=found["server"],
        port=found.get("port", SUBMISSION_PORT),
        user=found.get("user"),
        password=_placed(password, folder) if password else None,
    )


def _check_alarm(root: Node, found: Mapping[str, Any], reading: Reading) -> None:
    alarm = found.get("alarm", INVALID)
    if alarm is INVALID:
        return
    node = root[0]["alarm"]
    if not alarm:
        said, fix = "this names no way to reach anybody", "write `email:`, `webhook:` or `command:` under it"
        reading.add_once(key_place_of(node), said, fix)
    mail = alarm.get("email", INVALID)
    if mail is INVALID:
        return
    for given, missing, fix in (
        ("user", "password", "add `password: {file: secrets/smtp}`"),
        ("password", "user", "add `user:`, our name at the mail server"),
    ):
        if given in mail and missing not in mail:
            reading.add(key_place_of(node[0]["email"]), f"`email:` has a `{given}` and no `{missing}`", fix)


def _slots(root: Node, found: Mapping[str, Any], reading: Reading) -> tuple[Slot, ...]:
    given = found.get("slots", ())
    slots = []
    for number, one in enumerate(() if given is INVALID else given):
        place = one.get("zone") or found.get("timezone")
        if place is None:
            value = root[0]["slots"][0]
            node = value[number] if isinstance(value, list) else root[0]["slots"]
            reading.add(key_place_of(node), "this slot names no time zone", "add `zone: Europe/Brussels`")
        elif INVALID not in one.values() and place is not INVALID:
            slots += [Slot(day, at, place) for day in one["days"] for at in one["at"]]
    return tuple(sorted(set(slots)))


def _accounts(root: Node, found: Mapping[str, Any], reading: Reading) -> list[AccountConfig]:
    accounts, tags = found["accounts"], found.get("tag", INVALID)
    if accounts is INVALID:
        return []
    if tags is INVALID:
        tags = dict.fromkeys(PlatformName, DEFAULT_TAG)
    nodes = root[0]["accounts"][0]
    built = [_account(label, values, tags, nodes[label], reading) for label, values in accounts.items()]
    sound = [account for account in built if account]
    first: dict[tuple[PlatformName, str], str] = {}
    for account in sound:
        other = first.setdefault((account.platform, account.handle.lower()), account.label)
        if other != account.label:
            said = f"`{account.label}` is the same account as `{other}`: every post would go out twice"
            reading.add(key_place_of(nodes[account.label]), said, "delete one of them")
    return sound


def _account(
    label: str, found: Mapping[str, Any], tags: Mapping[str, str], node: Node, reading: Reading
) -> AccountConfig | None:
    if found is INVALID:
        return None
    before = reading.errors
    platform = _platform(label, found, node, reading)
    if platform is None:
        return None
    _check_credentials(label, platform, found, node, reading)
    _check_handle(platform, found, node, reading)
    base_url = found.get("base_url") or BASE_URL.get(platform)
    if base_url is None:
        reading.add(
            key_place_of(node), f"`{label}` has no `base_url`", "add `base_url: https://mastodon.example`"
        )
    if reading.errors > before or INVALID in found.values() or base_url is None:
        return None
    patience = PATIENCE[platform]
    return AccountConfig(
        label=label,
        platform=platform,
        handle=found["handle"],
        base_url=base_url,
        languages=tuple(dict.fromkeys(found.get("languages", DEFAULT_LANGUAGES))),
        tag=found.get("tag", tags[platform]),
        threads=found.get("threads", True),
        part_gap=found.get("part_gap", PART_GAP[platform]),
        patience=replace(patience, settle=found.get("settle", patience.settle)),
        deadline=found.get("deadline", DEADLINE),
        visibility=found.get("visibility", DEFAULT_VISIBILITY),
        budget=found.get("monthly_budget"),
        credentials={name: found[name] for name in CREDENTIALS[platform]},
    )


def _platform(label: str, found: Mapping[str, Any], node: Node, reading: Reading) -> PlatformName | None:
    named = PlatformName(label) if label in set(PlatformName) else None
    platform: PlatformName | Any = found.get("platform", named)
    if platform is None:
        fix = f"add `platform:` with one of {', '.join(PlatformName)}"
        reading.add(key_place_of(node), f"nothing says on which platform `{label}` is", fix)
    elif named and platform not in (named, INVALID):
        said = f"an account on {platform.shown} must not be named like another platform"
        reading.add(key_place_of(node), said, f"name it `{platform}`")
    return None if platform is INVALID else platform


def _check_credentials(
    label: str, platform: PlatformName, found: Mapping[str, Any], node: Node, reading: Reading
) -> None:
    for name in CREDENTIALS[platform]:
        if name not in found:
            fix = f"add `{name}: {{file: secrets/{label}-{name.replace('_', '-')}}}`"
            reading.add(key_place_of(node), f"`{label}` has no `{name}`", fix)
    foreign = _SECRETS.difference(CREDENTIALS[platform])
    if platform is not PlatformName.MASTODON:
        foreign |= {"visibility"}
    if platform is not PlatformName.X:
        foreign |= {"monthly_budget"}
    for name in foreign.intersection(found):
        said = f"an account on {platform.shown} has no `{name}`"
        reading.add(key_place_of(node[0][name]), said, "delete the line")


def _check_handle(platform: PlatformName, found: Mapping[str, Any], node: Node, reading: Reading) -> None:
    if found["handle"] is INVALID:
        return
    try:
        parse_handle(found["handle"], platform)
    except Wrong as wrong:
        reading.add(place_of(node[0]["handle"]), wrong.message, wrong.fix)
