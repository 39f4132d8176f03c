"""Directories, files and addresses as the command line names them."""

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import Parameter
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

import typer

from callwright.kernel.addresses import HostPort
from callwright.runtime.advertising import AdvertisedAddresses, Advertisement, warn_of_private

DATA = Path("data")

DataOption = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="Directory that holds everything.")
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="CALLWRIGHT_DATABASE",
        show_default=False,
        help="PostgreSQL instead of files in --data; a password belongs into the environment.",
    ),
]
OneOrganisationOption = Annotated[
    str | None,
    typer.Option(
        "--organisation", metavar="DOMAIN", help="Which one, where several share the system."
    ),
]
ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        envvar="CALLWRIGHT_SERVER",
        show_default=False,
        help="Ask a server instead of the data here, with a token in CALLWRIGHT_TOKEN.",
    ),
]
TokenFileOption = Annotated[
    Path | None, typer.Option("--token-file", metavar="FILE", help="Holds the token instead.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
WhyOption = Annotated[
    str | None, typer.Option("--why", metavar="TEXT", help="Stands in the history.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would change; change nothing.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout.")]
OrganisationArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The organisation file.")
]


@dataclass(frozen=True, slots=True)
class Where:
    """Which organisation a command is about, in the words of the command line."""

    data: Path
    url: str | None = field(default=None, repr=False)
    """Of the database; None: it is in ``data``."""
    organisation: str | None = None
    """A domain; None: the only one."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a command comes to the API: in its own process on the data, or at a server."""

    where: Where
    server: str | None = None
    """Its URL; None: the data is here."""
    token_file: Path | None = None
    voicemail_key: Path | None = None
    """Of messages that are sealed in the data that is here."""


_PLACE = (
    Parameter("data", Parameter.KEYWORD_ONLY, default=DATA, annotation=DataOption),
    Parameter("database", Parameter.KEYWORD_ONLY, default=None, annotation=DatabaseOption),
    Parameter(
        "organisation", Parameter.KEYWORD_ONLY, default=None, annotation=OneOrganisationOption
    ),
)

_SERVER = (
    Parameter("server", Parameter.KEYWORD_ONLY, default=None, annotation=ServerOption),
    Parameter("token_file", Parameter.KEYWORD_ONLY, default=None, annotation=TokenFileOption),
)


def placed(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command its ``where`` from three options, which are the same for all commands."""
    return taking(command, "where", _PLACE, _where)


def reached(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command its ``reach`` from the options of ``placed``, and those of a server."""
    return taking(command, "reach", (*_PLACE, *_SERVER), _reach)


def reaching_system(command: Callable[..., None]) -> Callable[..., None]:
    """As ``reached``, for a command about all organisations together."""
    system = tuple(option for option in _PLACE if option.name != "organisation")
    return taking(
        command, "reach", (*system, *_SERVER), functools.partial(_reach, organisation=None)
    )


def taking(
    command: Callable[..., None],
    name: str,
    options: Sequence[Parameter],
    made: Callable[..., object],
) -> Callable[..., None]:
    """The command with ``options`` in the place of its parameter ``name``, which is ``made``
    of them."""
    shape = inspect.signature(command, eval_str=True)
    own = [parameter for own_name, parameter in shape.parameters.items() if own_name != name]

    @functools.wraps(command)
    def at_place(**words: Any) -> None:
        taken = {option.name: words.pop(option.name) for option in options}
        command(**{name: made(**taken)}, **words)

    keywords = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in own]
    at_place.__signature__ = shape.replace(parameters=[*keywords, *options])  # type: ignore[attr-defined]
    return at_place


def _where(data: Path, database: str | None, organisation: str | None) -> Where:
    return Where(data, database, organisation)


def _reach(
    *,
    data: Path,
    database: str | None,
    organisation: str | None,
    server: str | None,
    token_file: Path | None,
) -> Reach:
    return Reach(Where(data, database, organisation), server, token_file)


def port_range(text: str) -> tuple[int, int]:
    """Reads ``20000-20999``; raises typer.BadParameter."""
    low, dash, high = text.partition("-")
    if not (dash and low.isdecimal() and high.isdecimal()):
        raise typer.BadParameter(f"{text!r} is not LOW-HIGH, such as 20000-20999")
    if not 1024 <= int(low) < int(high) <= 65_535:
        raise typer.BadParameter(f"{text!r}: use ports from 1024 to 65535, the lower one first")
    return int(low), int(high)


def advertised(texts: Sequence[str]) -> AdvertisedAddresses:
    """Reads each ``ADDRESS`` or ``NETWORK=ADDRESS``; raises typer.BadParameter."""
    try:
        return AdvertisedAddresses(
            tuple(map(Advertisement.parse, texts)), told_private=warn_of_private
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def host_port(text: str) -> HostPort:
    """Reads ``127.0.0.1:5060``; raises typer.BadParameter."""
    try:
        return HostPort.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def network(text: str) -> IPv4Network | IPv6Network:
    """Reads ``10.0.0.0/8`` or an address; raises typer.BadParameter."""
    try:
        return ip_network(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no network such as 10.0.0.0/8") from None
