"""Commands about who is kept out: what is blocked and why, and how to change it."""

import re
import sys
from datetime import timedelta
from zoneinfo import ZoneInfo

import typer

from callwright.cli.civil_time import for_people, for_programs, utc_now
from callwright.cli.places import Where
from callwright.cli.stored import opened, stored, zone_of
from callwright.cli.tables import print_json, print_table
from callwright.domains.shield.model import Block
from callwright.domains.shield.rules import read_network
from callwright.storage.shield import StoredShield

COLUMNS = ("network", "why", "names tried", "since", "until", "times")
_SPAN = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def show(where: Where, *, as_json: bool, limit: int) -> None:
    now = utc_now()
    with stored(where) as database:
        zone, kept = zone_of(database), StoredShield(database)
        blocks, count = kept.holding(now, limit=limit), kept.count(now)
    if as_json:
        print_json([_as_json(block) for block in blocks])
    elif not blocks:
        print("nobody is blocked")
    else:
        print_table(COLUMNS, (_row(block, zone) for block in blocks))
        if count > len(blocks):
            print(f"... and {count - len(blocks)} more; see --limit", file=sys.stderr)


def lift(where: Where, network: str | None, *, all_of_them: bool) -> None:
    if (network is None) is not all_of_them:
        raise typer.BadParameter("name an address or a network, or say --all")
    with opened(where) as database:
        kept, now = StoredShield(database), utc_now()
        lifted = kept.lift_all(now) if network is None else kept.lift(_network(network), now)
    for name in lifted:
        print(f"lifted {name}")
    if not lifted:
        print("nobody was blocked" if network is None else f"{network} was not blocked")


def block(where: Where, network: str, span: str) -> None:
    name, span_s = _network(network), _seconds(span)
    now = utc_now()
    with opened(where) as database:
        StoredShield(database).block(name, now, now + timedelta(seconds=span_s))
        zone = zone_of(database)
    print(f"blocked {name} until {for_people(now + timedelta(seconds=span_s), zone)}")


def _network(text: str) -> str:
    try:
        return read_network(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no address and no network such as 203.0.113.0/24"
        ) from None


def _seconds(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no span of time such as 30m, 12h or 7d")
    return int(found[1]) * _SECONDS[found[2]]


def _why(block: Block) -> str:
    return block.offence.value if block.is_order else f"{block.count} {block.offence.value}"


def _row(block: Block, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        block.network.removesuffix("/32") if "." in block.network else block.network,
        _why(block),
        ", ".join(block.names) or "-",
        for_people(block.since, zone),
        for_people(block.until, zone),
        str(block.offences),
    )


def _as_json(block: Block) -> dict[str, object]:
    return {
        "network": block.network,
        "offence": block.offence.name.lower().replace("_", "-"),
        "failures": block.count,
        "names": list(block.names),
        "since": for_programs(block.since),
        "until": for_programs(block.until),
        "offences": block.offences,
    }
