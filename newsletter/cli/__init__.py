"""The command line: the only place that prints, exits and reads the wall clock.

Commands are imported when they are called: `newsletter --help` needs none of them.
"""

from __future__ import annotations

import atexit
import difflib
import gc
import importlib
import sys

import click

from newsletter import __version__
from newsletter.errors import NewsletterError

#: command -> (module of this package, what it does)
COMMANDS = {
    "init": ("init", "Make a new project folder; never overwrites."),
    "demo": ("demo", "Sample content, a real SMTP hop, and the inbox that it reached."),
    "articles": ("articles", "What the content folder holds, and why a file is no article."),
    "build": ("build", "Build an issue into files, without sending anything."),
    "check": ("check", "What is wrong with the next issue, each with its file and line."),
    "preview": ("preview", "See the mails as readers will get them, while you write."),
    "subscribers": ("subscribers", "Who gets what: import, add, show, consent, erase, block, count."),
    "send": ("send", "Build, queue and deliver an issue now."),
    "issues": ("issues", "The issues so far, and how far each has come."),
    "pause": ("pausing", "Make no issues of a newsletter for a while; nothing is lost."),
    "resume": ("pausing", "Let a newsletter go on."),
    "outbox": ("outbox", "The durable queue: status, list, retry, resolve, pause, resume, cancel."),
    "bounces": ("bounces", "What came back: bounces and complaints, read and acted upon."),
    "plan": ("plan", "What will be sent when, to how many, and why not."),
    "explain": ("explain", "Why somebody did or did not get something: one reason each."),
    "run": ("run", "Scheduler, delivery and subscriber pages in one process."),
    "tick": ("tick", "Do whatever is due, once, and exit: for cron."),
    "doctor": ("doctor", "Look at everything that a sending depends on, each line with its fix."),
}


class Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"newsletter.cli.{COMMANDS[cmd_name][0]}")
        # Where a file has two commands, each is called after its own.
        command: click.Command = getattr(module, f"{cmd_name}_command", None) or module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            ctx.fail(f'there is no command "{args[0]}".{hint}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newsletter")
@click.option("--config", metavar="PATH", help="The configuration (default: ./config.toml).")
@click.pass_context
def group(ctx: click.Context, config: str | None) -> None:
    """New articles from a content folder, as a digest in the inbox.

    Start with `newsletter demo`, then `newsletter init my-letters`.
    """
    ctx.obj = config


def main() -> None:
    """Run a command; turn what a person must mend into one message and an exit code."""
    # What a command loads and builds stays to its end and goes with the process: looking through it for what
    # only refers to itself would take a fifth of its time.
    gc.set_threshold(200_000, 20, 20)
    atexit.register(gc.freeze)
    try:
        sys.exit(group(standalone_mode=False, prog_name="newsletter"))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort as abort:
        # click makes an Abort of an interruption too; a "no" to a question has no such cause.
        interrupted = isinstance(abort.__cause__, KeyboardInterrupt)
        said = "Interrupted; what was sent is recorded." if interrupted else "Nothing was done."
        click.echo(said, err=True)
        sys.exit(130)
    except NewsletterError as error:
        click.echo(f"{error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
