"""`callwright trace`: the SIP messages of one call, as a ladder, as text, as a capture."""

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import typer

from callwright.cli import tables
from callwright.cli.civil_time import for_programs
from callwright.cli.places import Where
from callwright.cli.stored import stored, zone_of
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import CallId
from callwright.kernel.limits.trace import TRACE_MESSAGES_SHOWN_MAX
from callwright.sip.ladder import LadderStep, has_sdp, read_label, render_ladder
from callwright.storage.call_records import CallRecords
from callwright.storage.capture_file import capture
from callwright.storage.schema import from_us
from callwright.storage.trace import TracedMessage, TraceLink, TraceReader

NODE = "callwright"


@dataclass(frozen=True, slots=True)
class CallTrace:
    """What was seen of one call."""

    call: str
    links: Sequence[TraceLink]
    messages: Sequence[TracedMessage]
    parties: dict[bytes, str]
    """By SIP Call-ID: the column of its messages."""

    def steps(self) -> list[LadderStep]:
        began_us = self.messages[0].at_us
        seen: set[tuple[bool, bytes]] = set()
        steps = []
        for message in self.messages:
            label, method = read_label(message.data)
            tags = {"sdp"} if has_sdp(message.data) else set()
            if (message.is_sent, message.data) in seen:
                tags.add("again")
            seen.add((message.is_sent, message.data))
            ends = self.ends(message)
            at_s = (message.at_us - began_us) / 1e6
            steps.append(LadderStep(at_s, *ends, label, method, frozenset(tags)))
        return steps

    def ends(self, message: TracedMessage) -> tuple[str, str]:
        """Source and target, by name."""
        party = self.parties[message.sip_call_id]
        return (NODE, party) if message.is_sent else (party, NODE)


def show_trace(
    where: Where, call: str | None, *, as_json: bool, whole: bool, pcap: Path | None
) -> None:
    """``call``: our id or a SIP Call-ID; None: the last one."""
    trace = _find(where, call)
    if pcap is not None:
        _write_capture(pcap, trace)
    elif as_json:
        tables.print_json(_as_json(trace))
    elif whole:
        _print_messages(where, trace)
    else:
        columns = [*dict.fromkeys(trace.parties.values())]
        print(trace.call)
        print(render_ladder(trace.steps(), [columns[0], NODE, *columns[1:]]))


def _find(where: Where, call: str | None) -> CallTrace:
    """What cannot be found is one line on stderr and exit status 1."""
    with stored(where) as database:
        data = database.data
    reader = TraceReader(data / "trace")
    if reader.is_empty:
        _give_up(f"no calls were traced in {data}")
    name = call or reader.last_call()
    links = [] if name is None else reader.call_links(name)
    messages = reader.messages({link.sip_call_id for link in links})
    if not messages:
        _give_up(_why_not(where, name or ""))
    if len(messages) > TRACE_MESSAGES_SHOWN_MAX:
        print(f"only the first {TRACE_MESSAGES_SHOWN_MAX} messages are shown", file=sys.stderr)
        messages = messages[:TRACE_MESSAGES_SHOWN_MAX]
    return CallTrace(links[0].call, links, messages, _columns(links, messages))


def _columns(links: Sequence[TraceLink], messages: Sequence[TracedMessage]) -> dict[bytes, str]:
    """Names the party of each dialog; several phones of one party are told apart by address."""
    places: dict[bytes, HostPort] = {}
    for message in messages:
        places.setdefault(message.sip_call_id, message.flow.remote)
    of_party: defaultdict[str, set[HostPort]] = defaultdict(set)
    seen = [link for link in links if link.sip_call_id in places]
    for link in seen:
        of_party[link.party].add(places[link.sip_call_id])
    return {
        link.sip_call_id: _harmless(
            link.party
            if len(of_party[link.party]) == 1
            else f"{link.party} {places[link.sip_call_id]}"
        )
        for link in seen
    }


def _why_not(where: Where, call: str) -> str:
    with stored(where) as database:
        try:
            CallRecords(database).list(limit=1, before=CallId(call))
        except LookupError:
            return f"there is no call {call}"
    return f"no message of {call} is kept: it was not traced, or too long ago"


def _give_up(why: str) -> None:
    print(_harmless(why), file=sys.stderr)
    raise typer.Exit(1)


def _write_capture(file: Path, trace: CallTrace) -> None:
    try:
        with file.open("wb") as opened:
            opened.writelines(capture(trace.messages))
    except OSError as error:
        _give_up(f"{file} cannot be written: {error.strerror}")
    print(f"{len(trace.messages)} messages of {trace.call} are in {file}")


def _print_messages(where: Where, trace: CallTrace) -> None:
    with stored(where) as database:
        zone = zone_of(database)
    for message in trace.messages:
        source, target = trace.ends(message)
        at = from_us(message.at_us).astimezone(zone).isoformat(" ", "milliseconds")
        way = f"{message.flow.transport} {message.flow.remote}"
        print(f"--- {at} {source} -> {target} {way}")
        text = message.data.decode("utf-8", "replace").replace("\r\n", "\n")
        print("\n".join(_harmless(line) for line in text.split("\n")))


def _as_json(trace: CallTrace) -> dict[str, object]:
    steps = trace.steps()
    return {
        "call": trace.call,
        "dialogs": [
            {
                "sip_call_id": _text(link.sip_call_id),
                "party": link.party,
                "column": trace.parties.get(link.sip_call_id),
            }
            for link in trace.links
        ],
        "messages": [
            {
                "at": for_programs(from_us(message.at_us).astimezone(UTC)),
                "source": step.source,
                "target": step.target,
                "label": step.label,
                "method": step.method,
                "tags": sorted(step.tags),
                "transport": message.flow.transport,
                "local": str(message.flow.local),
                "remote": str(message.flow.remote),
                "sip_call_id": _text(message.sip_call_id),
                "text": _text(message.data),
            }
            for message, step in zip(trace.messages, steps, strict=True)
        ],
    }


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def _harmless(text: str) -> str:
    """For a terminal: what is not printable is written out."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
