#!/bin/sh
# Tells a person that a unit has failed: in the system's log, and through /etc/solidarity-bot/alarm where that is.
# That program gets the unit's name as its argument and the last lines of its log on its input.
set -eu

unit=${1:?usage: alarm.sh UNIT}
own=${2:-/etc/solidarity-bot/alarm}

logger -p daemon.alert -t solidarity-bot "$unit has failed: a person is needed, see docs/operate.md" ||
    echo "alarm.sh: $unit has failed, and the system's log could not be told" >&2
if [ -x "$own" ]; then
    { journalctl --no-pager -n 30 -u "$unit" 2>&1 || true; } | "$own" "$unit"
fi
