"""The Via header: where a response goes (RFC 3261 §18.2 and §20.42, RFC 3581)."""

from callwright.kernel.value import value
from callwright.sip.known import Known
from callwright.sip.syntax import (
    Parameters,
    find_parameter,
    format_parameters,
    is_token,
    parse_parameters,
    read_number,
    split_list,
)
from callwright.sip.uri import UriError, parse_host_port

BRANCH_COOKIE = "z9hG4bK"


@value
class Via:
    transport: str
    """Upper case: ``UDP``, ``TCP``, or whatever the peer named."""
    host: str
    """As sent; an IPv6 address without brackets."""
    port: int | None
    parameters: Parameters = ()
    branch: str = ""
    """"" when the peer named none."""

    def parameter(self, name: str) -> str | None:
        """By lower-case name; "" for one without a value, None where it is absent."""
        return find_parameter(self.parameters, name)

    @property
    def received(self) -> str | None:
        """An IPv6 address without brackets, which some write and some do not (RFC 5118 §4.5)."""
        received = self.parameter("received")
        return None if received is None else received.removeprefix("[").removesuffix("]")

    @property
    def rport(self) -> int | None:
        """The port that the next hop saw; None also when it was only asked for."""
        return read_number(self.parameter("rport") or "", most=65_535)

    @property
    def wants_rport(self) -> bool:
        return find_parameter(self.parameters, "rport") is not None

    @property
    def has_unique_branch(self) -> bool:
        """False: made by rules before RFC 3261, so the branch alone names no transaction."""
        return len(self.branch) > len(BRANCH_COOKIE) and self.branch[:7].lower() == "z9hg4bk"

    def stamped(self, host: str, port: int) -> "Via":
        """With ``received`` and ``rport`` as the source of the packet demands.

        RFC 3261 §18.2.1: ``received`` where the sent-by differs; RFC 3581 §4: both if asked.
        """
        wants_rport = False
        kept = []
        for pair in self.parameters:
            name = pair[0].lower()
            if name == "rport":
                wants_rport = True
            elif name != "received":
                kept.append(pair)
        if not wants_rport and host == self.host:
            return self
        kept.append(("received", host))
        if wants_rport:
            kept.append(("rport", str(port)))
        return Via(self.transport, self.host, self.port, tuple(kept), self.branch)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {host}{port}{format_parameters(self.parameters)}"


def restamped(text: str, host: str, port: int) -> str | None:
    """The text of a Via as ``Via.stamped`` changes it, for one that has nothing but a branch and
    the question for the port, as most have; the rest stays as it came. None: it has more."""
    if text.count(";") != 2 or ";branch=" not in text:
        return None
    if text.endswith(";rport"):
        kept = text[: -len(";rport")]
    elif ";rport;" in text:
        kept = text.replace(";rport;", ";")
    else:
        return None
    return f"{kept};received={host};rport={port}"


def parse_via(text: str) -> Via:
    """One Via value, not a list; raises UriError."""
    return _parse_usual_via(text) or _parse_odd_via(text)


def _parse_usual_via(text: str) -> Via | None:
    """A sent-by that is known, a branch, and maybe the question for the port behind it, as in
    nearly all; None: it may be an other."""
    head, _, rest = text.partition(";branch=")
    branch, question, more = rest.partition(";rport")
    sent_by = _HEADS.get(head)
    if sent_by is None or more or not (branch.isalnum() or is_token(branch)):
        return None
    named = ("branch", branch)
    return Via(*sent_by, (named, _QUESTION) if question else (named,), branch)


_QUESTION = ("rport", None)


def _parse_odd_via(text: str) -> Via:
    head, semicolon, rest = text.partition(";")
    transport, host, port = _HEADS[head]
    try:
        parameters = parse_parameters(semicolon + rest)
    except ValueError as error:
        raise UriError(str(error)) from None
    branch = find_parameter(parameters, "branch") or ""
    return Via(transport, host, port, parameters, branch)


def _parse_head(head: str) -> tuple[str, str, int | None]:
    """Transport and sent-by, which a peer repeats in every message."""
    protocol, _, sent_by = head.partition(" ")
    if protocol[:8] == "SIP/2.0/":
        transport, sent_by = protocol[8:], sent_by.strip(" \t")
    else:
        transport, sent_by = _split_spaced_protocol(head)
    if not is_token(transport):
        raise UriError("a Via begins with SIP/2.0/TRANSPORT")
    host, port = _parse_sent_by(sent_by)
    return transport.upper(), host, port


_HEADS = Known(_parse_head, entries_max=1_024, characters_max=200)


def parse_vias(text: str) -> tuple[Via, ...]:
    """The hops that a line names, the newest first; raises UriError."""
    return tuple(map(parse_via, split_list(text)))


def _split_spaced_protocol(head: str) -> tuple[str, str]:
    """``SIP / 2.0 / UDP host``: white space is allowed around the slashes."""
    pieces = head.replace("\t", " ").split("/", 2)
    if len(pieces) < 3 or pieces[0].strip(" ").upper() != "SIP" or pieces[1].strip(" ") != "2.0":
        raise UriError("a Via begins with SIP/2.0/TRANSPORT")
    transport, _, sent_by = pieces[2].strip(" ").partition(" ")
    return transport, sent_by.strip(" ")


def _parse_sent_by(text: str) -> tuple[str, int | None]:
    if " " in text or "\t" in text:
        host, colon, port = text.partition(":")
        if text.startswith("["):
            host, bracket, port = text.partition("]")
            host, colon, port = host + bracket, ":" if ":" in port else "", port.replace(":", "", 1)
        text = host.strip(" \t") + colon + port.strip(" \t")
    return parse_host_port(text)
