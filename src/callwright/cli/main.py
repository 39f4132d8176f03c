"""The `callwright` command: one function for each thing a person can ask for, in files by group.

What a command needs is imported inside of it: most answer at once and need neither the server nor
the engine, some not even the database.
"""

from typing import Annotated

import typer

import callwright
from callwright.cli import configuring, serving
from callwright.cli.accounts import accounts_app, tokens_app
from callwright.cli.agents import agents_app
from callwright.cli.blocks import shield_app
from callwright.cli.calls import calls_app, explain, trace_call
from callwright.cli.collections import USERS, add_verbs, collection_apps
from callwright.cli.imports import imports_app
from callwright.cli.keeping import backup, db_app, restore
from callwright.cli.kept import credits_app
from callwright.cli.numbers import numbers_app
from callwright.cli.organisations import organisations_app
from callwright.cli.prompts import prompts_app
from callwright.cli.reports import reports_app
from callwright.cli.supervision import supervision_app
from callwright.cli.unassigned import unassigned_app
from callwright.cli.users import licences_app, users_app
from callwright.cli.voicemail import voicemail_app

app = typer.Typer(
    help="An open phone system: one file describes an organisation, calls explain themselves.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(serving.serve)
app.command()(serving.doctor)
app.command()(serving.demo)
for command in configuring.COMMANDS:
    app.command()(command)
app.command("trace")(trace_call)
app.command()(explain)
app.command()(backup)
app.command()(restore)
app.command("turn-credentials")(serving.turn_credentials)
for group in (accounts_app, tokens_app, calls_app, credits_app, voicemail_app, shield_app):
    app.add_typer(group)
for group in (users_app, licences_app, numbers_app, unassigned_app, reports_app):
    app.add_typer(group)
add_verbs(users_app, USERS)
for group in collection_apps():
    app.add_typer(group)
app.add_typer(organisations_app, name="organisations")
app.add_typer(agents_app)
app.add_typer(imports_app)
app.add_typer(prompts_app)
app.add_typer(supervision_app)
app.add_typer(db_app)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"callwright {callwright.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before a command."""
