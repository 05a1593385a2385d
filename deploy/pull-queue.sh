#!/bin/sh
# Brings a queue that is kept in git up to date. Only forwards: where the histories differ, the queue stays as it
# is and this ends with an error, because nobody but a person can say which posts are meant.
set -eu

folder=${1:?usage: pull-queue.sh FOLDER}

# Never ask for a password, and run nothing that the repository brings along.
export GIT_TERMINAL_PROMPT=0
exec git -C "$folder" -c core.hooksPath=/dev/null -c advice.diverging=false pull --quiet --ff-only
