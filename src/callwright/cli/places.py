"""Directories, files and addresses as the command line names them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from callwright.kernel.addresses import HostPort
from callwright.runtime.advertising import AdvertisedAddresses, Advertisement, warn_of_private

DATA = Path("data")

DataOption = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="Directory that holds everything.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout.")]
OrganisationArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The organisation file.")
]


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
