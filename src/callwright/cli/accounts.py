"""`callwright accounts` and `tokens`: who may sign in, and programs that may come to the API."""

from typing import Annotated

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.places import JsonOption, Where, placed

accounts_app = typer.Typer(
    name="accounts", help="Who may sign in to administer.", cls=ListsByItself
)
tokens_app = typer.Typer(
    name="tokens", help="Programs that may come to the API.", cls=ListsByItself
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What is typed to sign in.")]
UrlOption = Annotated[
    str, typer.Option("--url", help="Of the server's pages, as the browser reaches them.")
]
URL = "http://127.0.0.1:8080"


@accounts_app.command("list")
@placed
def accounts_list(where: Where, as_json: JsonOption = False) -> None:
    """List them with their roles."""
    from callwright.cli import access

    access.show_accounts(where, as_json=as_json)


@accounts_app.command("create")
@placed
def accounts_create(
    where: Where,
    name: NameArgument,
    role: Annotated[
        list[str] | None, typer.Option(help="Such as owner or user-administrator; repeatable.")
    ] = None,
    email: Annotated[str | None, typer.Option(help="Known to the identity provider, too.")] = None,
    user: Annotated[str | None, typer.Option(help="Of the directory, whom it belongs to.")] = None,
    url: UrlOption = URL,
) -> None:
    """Make one, and print a link that signs in once; the password is set there."""
    from callwright.cli import access

    access.create(where, name, role or [], email=email, user=user, url=url)


@accounts_app.command("disable")
@placed
def accounts_disable(where: Where, name: NameArgument) -> None:
    """Sign somebody out at once and let him in no more."""
    from callwright.cli import access

    access.disable(where, name)


@accounts_app.command("link")
@placed
def accounts_link(
    where: Where,
    name: NameArgument,
    url: UrlOption = URL,
    drops_second_factor: Annotated[
        bool, typer.Option("--drop-second-factor", help="For who lost the device.")
    ] = False,
) -> None:
    """Print a link that signs in once, for who is locked out."""
    from callwright.cli import access

    access.link(where, name, url=url, drops_second_factor=drops_second_factor)


@tokens_app.command("list")
@placed
def tokens_list(where: Where, as_json: JsonOption = False) -> None:
    """List them, those that ended too."""
    from callwright.cli import access

    access.show_tokens(where, as_json=as_json)


@tokens_app.command("create")
@placed
def tokens_create(
    where: Where,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    permission: Annotated[list[str], typer.Option(help="Such as users:read; repeatable.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it lasts.")] = 90,
) -> None:
    """Make one and print it; it is never shown again."""
    from callwright.cli import access

    access.create_token(where, name, permission, days=days)


@tokens_app.command("revoke")
@placed
def tokens_revoke(
    where: Where, id: Annotated[str, typer.Argument(metavar="ID", help="As listed.")]
) -> None:
    """End one at once."""
    from callwright.cli import access

    access.revoke(where, id)
