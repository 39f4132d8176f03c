"""A host and a port, the way sockets and the organisation file write them."""

from typing import NamedTuple, Self


class HostPort(NamedTuple):
    """An IPv4 address, IPv6 address or host name, and a port; printed as ``host:port``."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, *, default_port: int | None = None) -> Self:
        """Reads ``127.0.0.1:5060``, ``[::1]:5060`` or a bare host; raises ValueError otherwise."""
        if text.startswith("["):
            host, closed, rest = text[1:].partition("]")
            if not closed:
                raise ValueError(f"{text!r} opens a bracket and does not close it")
            colon, port_text = rest[:1], rest[1:]
        else:
            host, colon, port_text = text.rpartition(":")
            if not colon:
                host, port_text = text, ""
        if not colon:
            if default_port is None:
                raise ValueError(f"{text!r} has no port; write HOST:PORT")
            return cls(host, default_port)
        if (
            not host
            or not port_text.isascii()
            or not port_text.isdigit()
            or int(port_text) > 65_535
        ):
            raise ValueError(f"{text!r} is not HOST:PORT")
        return cls(host, int(port_text))

    def __str__(self) -> str:
        host, port = self
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
