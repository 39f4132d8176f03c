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


_PLACE = (
    Parameter("data", Parameter.KEYWORD_ONLY, default=DATA, annotation=DataOption),
    Parameter("database", Parameter.KEYWORD_ONLY, default=None, annotation=DatabaseOption),
    Parameter(
        "organisation", Parameter.KEYWORD_ONLY, default=None, annotation=OneOrganisationOption
    ),
)


def placed(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command its ``where`` from three options, which are the same for all commands."""
    shape = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in shape.parameters.items() if name != "where"]

    @functools.wraps(command)
    def at_place(
        *, data: Path, database: str | None, organisation: str | None, **words: Any
    ) -> None:
        command(where=Where(data, database, organisation), **words)

    keywords = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in own]
    at_place.__signature__ = shape.replace(parameters=[*keywords, *_PLACE])  # type: ignore[attr-defined]
    return at_place


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
