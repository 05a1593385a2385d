"""The command line: one file per group of commands, each loaded only when it is called.

Exit codes: 0 all done; 1 errors, or a person is needed; 2 wrong use; 3 an outcome is in doubt; 70 a fault of
the program.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from bot.domain.errors import BotError

DONE, PERSON_NEEDED, WRONG_USE, IN_DOUBT, FAULT, INTERRUPTED = 0, 1, 2, 3, 70, 130

COMMANDS = {
    "demo": ("demo", "Watch it work: three platforms on this machine, no account needed."),
    "check": ("posts", "Say what is wrong with the posts, and how to mend it."),
    "preview": ("posts", "Show how a post will look on each account, in each language."),
    "import": ("import_posts", "Make posts of a spreadsheet."),
    "schema": ("schema", "Tell editors which keys a post has."),
    "queue": ("outlook", "List what goes out, and when."),
    "forecast": ("forecast", "Show the next weeks, what is held, and what X will charge."),
    "status": ("status", "Say how it stands, and whether a person is needed."),
    "run": ("run", "Publish, until stopped."),
    "start": ("run", "Allow publishing for the first time."),
    "pause": ("run", "Stop publishing, on one account or on all."),
    "resume": ("run", "Go on publishing, on one account or on all."),
    "publish": ("decide", "Publish a post now instead of at its hour."),
    "retry": ("decide", "Try again what was refused, too late or cancelled."),
    "cancel": ("decide", "Take back what has not gone out."),
    "decide": ("decide", "Answer whether something went out, where the program cannot tell."),
    "withdraw": ("decide", "Delete what was published, on every platform."),
    "approve": ("approve", "Let drafts go out, and say that a translation was read."),
    "cases": ("cases", "List whom the posts name, and who must be checked again."),
    "reports": ("reports", "Look at what supporters report, and decide what counts."),
    "tally": ("tally", "Say how many actions there were, so that nobody can be found out."),
    "pause-people": ("cases", "Hold every post that names a person."),
    "resume-people": ("cases", "Let posts that name people go out again."),
    "about": ("forget", "Say what is held of a supporter, for them to know."),
    "forget": ("forget", "Take out all that is held of a supporter, and prove it."),
    "collect": ("collect", "Take in what was said to us, once."),
    "backup": ("keep", "Copy the store, also while it is in use."),
    "restore": ("keep", "Put a backup in place of the store."),
    "auth": ("auth", "Find out who we are on each platform."),
    "alarm": ("alarm", "Find out whether an alarm reaches you."),
    "classify": ("classify", "Say what mentions seem to report, one JSON line each."),
    "init": ("init", "Set up a new campaign, step by step."),
}


class Commands(click.Group):
    """Commands that are loaded when they are called; listing them loads none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"bot.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or the one that was meant."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {args[0]}{meant}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("config.yaml"),
    show_default=True,
    help="The configuration. check, preview and queue also work without one.",
)
@click.version_option(package_name="solidarity-bot", message="%(version)s")
@click.pass_context
def cli(ctx: click.Context, config: Path) -> None:
    """Publish a campaign's posts on X, Mastodon and Bluesky, each exactly once."""
    given = ctx.get_parameter_source("config") is not click.core.ParameterSource.DEFAULT
    ctx.obj = {"path": config, "given": given}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(call(arguments))


def call(arguments: list[str] | None = None) -> int:
    """Run the command line; its exit code."""
    try:
        result: Any = cli.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG_USE if isinstance(error, click.UsageError) else PERSON_NEEDED
    except BotError as error:
        from bot.cli.show import complain

        complain(str(error))
        return PERSON_NEEDED
    except (click.Abort, KeyboardInterrupt, Exception) as error:  # noqa: BLE001  # the last door: no traceback
        return _broken_off(error)
    return result if isinstance(result, int) else DONE


def _broken_off(error: BaseException) -> int:
    from bot.cli import logs

    if isinstance(error, click.Abort | KeyboardInterrupt):
        click.echo("stopped", err=True)
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()  # whoever read our output has had enough
        return DONE
    # Not its words: whoever reports the line as asked must not report with it what somebody wrote to us.
    click.echo(f"this is a fault of the program: {logs.where(error)}", err=True)
    click.echo("Nothing was lost. Please report this line.", err=True)
    return FAULT
