"""Read the configuration: everything that is wrong with it is said at once, and no secret is ever shown."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.config.model import (
    BASE_URL,
    CREDENTIALS,
    DEADLINE,
    DEFAULT_LANGUAGES,
    DEFAULT_QUEUE,
    DEFAULT_STORE,
    DEFAULT_TAG,
    LANGUAGE_GAP,
    PART_GAP,
    PLAN_AHEAD,
    AccountConfig,
    Config,
    Secret,
)
from bot.config.table import CONFIG
from bot.domain.calendar import Slot
from bot.domain.delivery import PATIENCE, Patience
from bot.domain.errors import ConfigError
from bot.domain.lengths import PlatformName
from bot.domain.problem import Severity
from bot.strictyaml.fields import INVALID, at_key
from bot.strictyaml.reader import Node, Reading, parse

# A line that may hold a secret where its place should stand.
_SECRET_LINE = re.compile(r"(\s*[\w-]*(?:token|secret|password|key|pass)[\w-]*\s*:).*", re.IGNORECASE)


def load_config(path: Path) -> Config:
    """Read a configuration. Raises ConfigError that lists everything to mend; secrets are not read yet."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"the configuration {path} cannot be read: {error.strerror}") from error
    root, reading = parse(data, str(path), mask=_masked)
    config = None
    if root is not None:
        config = _config(root, reading, path.parent)
    elif not reading.problems:
        reading.add(None, "the configuration is empty", "copy config.example.yaml, or run `init`")
    if config is None or reading.failed:
        errors = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
        raise ConfigError("\n".join(map(str, errors)))
    return config


def _config(root: Node, reading: Reading, folder: Path) -> Config | None:
    found = CONFIG.read(root, reading)
    if found is INVALID:
        return None
    tags = found.get("tag", dict.fromkeys(map(str, PlatformName), DEFAULT_TAG))
    accounts = found["accounts"]
    built = []
    if accounts is not INVALID and tags is not INVALID:
        nodes = root.value["accounts"].value
        built = [_account(label, values, tags, nodes[label], reading) for label, values in accounts.items()]
    slots = _slots(found, root, reading)
    if reading.failed or INVALID in found.values():
        return None
    store = found.get("store", DEFAULT_STORE)
    where = store if "://" in store else str(folder / store)
    return Config(
        campaign=found["campaign"],
        timezone=found.get("timezone"),
        queue=folder / found.get("queue", DEFAULT_QUEUE),
        store=where,
        state=folder / "state" if "://" in store else Path(where).parent,
        slots=slots,
        language_gap=found.get("language_gap", LANGUAGE_GAP),
        plan_ahead=found.get("plan_ahead", PLAN_AHEAD),
        log_level=found.get("log_level", "info"),
        accounts=tuple(_placed(account, folder) for account in built if account),
    )


def _slots(found: Mapping[str, Any], root: Node, reading: Reading) -> tuple[Slot, ...]:
    slots = []
    given = found.get("slots", ())
    for one in () if given is INVALID else given:
        place = one.get("zone") or found.get("timezone")
        if place is None:
            reading.add(at_key(root.value["slots"]), "this slot has no zone", "add `zone: Europe/Brussels`")
        elif INVALID not in one.values() and place is not INVALID:
            slots += [Slot(number, one["at"], place) for number in one["days"]]
    return tuple(sorted(slots))


def _masked(line: str) -> str:
    """A line as it may be shown: what stands where a secret could stand is left out."""
    return _SECRET_LINE.sub(r"\1 ••••", line)


def _account(
    label: str, found: Mapping[str, Any], tags: Mapping[str, str], node: Node, reading: Reading
) -> AccountConfig | None:
    platform = found.get("platform") or (PlatformName(label) if label in set(PlatformName) else None)
    if platform is None:
        fix = f"add `platform:` ({', '.join(PlatformName)})"
        reading.add(at_key(node), f"nothing says on which platform `{label}` is", fix)
    if platform is None or INVALID in found.values():
        return None
    base_url = found.get("base_url") or BASE_URL.get(platform)
    if base_url is None:
        reading.add(at_key(node), f"`{label}` has no `base_url`", "add `base_url: https://mastodon.example`")
    _check_credentials(label, platform, found, node, reading)
    if reading.failed or base_url is None:
        return None
    usual = PATIENCE[platform]
    settle = found.get("settle", usual.settle)
    return AccountConfig(
        label=label,
        platform=platform,
        handle=found["handle"],
        base_url=base_url,
        languages=tuple(dict.fromkeys(found.get("languages", DEFAULT_LANGUAGES))),
        tag=found.get("tag", tags[platform]),
        threads=found.get("threads", True),
        part_gap=found.get("part_gap", PART_GAP[platform]),
        patience=Patience(settle=settle, looks=usual.looks, writes=usual.writes),
        deadline=found.get("deadline", DEADLINE),
        visibility=found.get("visibility", "public"),
        credentials={name: found[name] for name in CREDENTIALS[platform]},
    )


def _check_credentials(
    label: str, platform: PlatformName, found: Mapping[str, Any], node: Node, reading: Reading
) -> None:
    for name in CREDENTIALS[platform]:
        if name not in found:
            fix = f"add `{name}: {{file: secrets/{label}-{name.replace('_', '-')}}}`"
            reading.add(at_key(node), f"`{label}` has no `{name}`", fix)
    for name in {one for names in CREDENTIALS.values() for one in names} - set(CREDENTIALS[platform]):
        if name in found:
            reading.add(
                at_key(node.value[name]), f"an account on {platform.shown} has no `{name}`", "delete the line"
            )


def _placed(account: AccountConfig, folder: Path) -> AccountConfig:
    """An account whose secrets are found from wherever the program runs."""
    placed = {
        name: Secret(file=folder / secret.file) if secret.file else secret
        for name, secret in account.credentials.items()
    }
    return replace(account, credentials=placed)
