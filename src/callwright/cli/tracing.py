"""Where a server's trace goes, in the words of the command line."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # most commands need none of the runtime
    from callwright.runtime.hep import HepSettings

HEP_ID = 2_001

TraceOption = Annotated[
    bool, typer.Option("--trace/--no-trace", help="Keep the SIP messages of calls.")
]
HepOption = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="A Homer server to send them to.")
]
HepIdOption = Annotated[int, typer.Option(min=1, max=0xFFFF_FFFF, help="The capture id there.")]
HepPasswordOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Holds the password there.")
]


@dataclass(frozen=True, slots=True)
class Tracing:
    keeps: bool = True
    """Whether the messages of calls are kept with the rest of the data."""
    hep: str | None = None
    hep_id: int = HEP_ID
    hep_password: Path | None = None

    def homer(self) -> "HepSettings | None":
        """The server that is sent them; raises typer.BadParameter."""
        from callwright.cli.places import host_port
        from callwright.runtime.hep import HepSettings

        if self.hep is None:
            return None
        file = self.hep_password
        try:
            password = "" if file is None else file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"{file} cannot be read: {error}") from None
        return HepSettings(host_port(self.hep), self.hep_id, password)
