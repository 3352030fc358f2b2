"""`xero-pipeline`: its commands, and the one place where a PipelineError becomes a sentence and an exit code.

A command lives in a module of its own, which is imported when the command is called and not before; `--help` and every other
command stay fast, and Dagster, pandas and the sandbox cost nothing to those who do not use them.

Conventions: every command that prints takes `--json` (`output.json_option`) and then writes one JSON value to standard
output and nothing else there; steps and errors go to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 another
sync is running.
"""

from __future__ import annotations

from importlib import import_module

import click

from xero_pipeline.domain.errors import PipelineError

# Command -> where it is (module:attribute) and what it does, which `--help` shows without importing it.
COMMANDS = {
    "demo": ("xero_pipeline.cli.demo:demo", "Sync the demo organisation from start to end and say where to look."),
    "up": ("xero_pipeline.cli.up:up", "Run the Dagster UI, its daemon and the schedules until Ctrl-C."),
    "sandbox": ("xero_pipeline.cli.sandbox:sandbox", "Serve a Xero and a Salesforce on this machine."),
    "sync": ("xero_pipeline.cli.sync:sync", "Sync one organisation now, without Dagster's daemon."),
    "export": ("xero_pipeline.cli.export:export", "Send what Salesforce sold to Xero, or show what that would do."),
    "log": ("xero_pipeline.cli.log:log", "Show what went to Xero, what did not, and why."),
    "resolve": (
        "xero_pipeline.cli.resolve:resolve",
        "Send again, with what is missing or without, or dismiss what failed.",
    ),
    "status": ("xero_pipeline.cli.status:status", "Show connections, runs, freshness and the call budget."),
    "psql": ("xero_pipeline.cli.psql:psql", "Open psql on the warehouse."),
    "connect": ("xero_pipeline.cli.connect:connect", "Connect Xero or Salesforce."),
    "disconnect": ("xero_pipeline.cli.connect:disconnect", "Disconnect Xero or Salesforce and keep the data."),
    "doctor": ("xero_pipeline.cli.doctor:doctor", "Check every setting, connection and table, each with its fix."),
}


class Commands(click.Group):
    """The commands of COMMANDS, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PipelineError as error:
            click.secho(f"Error: {error}", err=True, fg="red")
            ctx.exit(error.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xero-pipeline")
def cli() -> None:
    """Keep Xero organisations and a Salesforce org in step, staged in PostgreSQL.

    Settings come from environment variables; `xero-pipeline doctor` lists and checks them.
    """


def main() -> None:
    cli(prog_name="xero-pipeline")
