"""`callwright trace` over a real call: ladder, messages, JSON, capture, and a Homer server."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.conftest import StartServer
from tests.interop.phones import OUTSIDE, carrier, phone, play, talk
from tests.interop.process import ServerProcess, callwright_inside, until, wait_until
from tests.unit.runtime.test_hep import chunks_of
from tests.unit.storage.test_capture_file import read

PASSWORD = "a word for Homer"


async def one_call(server: ServerProcess, *, transport: str = "udp") -> str:
    """Alice calls bob, they talk, she hangs up; returns the id of the record."""
    before = {record["id"] for record in server.records()}
    async with (
        phone(server, "alice", transport=transport) as alice,
        phone(server, "bob") as bob,
    ):
        call = await alice.dial("102")
        heard = await bob.rings()
        heard.answer()
        await call.answered()
        await talk(call, heard)
        call.hang_up()
        await heard.ended()
    record = await until(
        lambda: [one for one in server.records(caller_user="alice") if one["id"] not in before],
        "a further record",
    )
    await traced(server, str(record[0]["id"]), "BYE")
    return str(record[0]["id"])


async def traced(server: ServerProcess, call: str, label: str) -> None:
    """Messages are written some time after they were seen."""
    deadline = time.monotonic() + 5
    while True:
        shown = callwright_inside("trace", call, "--json", "--data", server.data)
        if shown.code == 0 and sum(m["label"] == label for m in shown.json["messages"]) >= 2:
            return
        assert time.monotonic() < deadline, shown.stderr or shown.stdout
        await asyncio.sleep(0.05)


@pytest.mark.row(274)
@pytest.mark.row(274)
def test_the_ladder_of_a_call_shows_all_its_legs(server: ServerProcess, tmp_path: Path) -> None:
    calls: list[str] = []

    async def scene() -> None:
        calls.append(await one_call(server))

    play(scene())
    (call,) = calls
    shown = server.run("trace", call)
    assert shown.code == 0, shown.stderr
    first, heading, *lines = shown.stdout.rstrip("\n").split("\n")
    assert first == call
    assert heading.split() == ["alice", "callwright", "bob"]
    ladder = "\n".join(lines)
    assert ladder.count("INVITE [sdp]") == 2
    assert ladder.count("180 Ringing (INVITE)") == 2
    assert ladder.count("BYE ") >= 2
    at_s = [float(line.split()[0]) for line in lines]
    assert at_s == sorted(at_s)
    assert at_s[0] == 0

    told = server.look("trace", call)
    assert told["call"] == call
    assert {dialog["party"] for dialog in told["dialogs"]} == {"alice", "bob"}
    assert len(told["messages"]) == len(lines)
    one, *_ = told["messages"]
    assert (one["source"], one["target"], one["label"]) == ("alice", "callwright", "INVITE")
    assert one["local"] == str(server.sip)
    by_sip_name = server.look("trace", one["sip_call_id"])
    assert by_sip_name == told
    assert server.look("trace", "--last") == told

    whole = callwright_inside("trace", call, "--messages", "--data", server.data).stdout
    assert whole.count("INVITE sip:102@") == 1
    assert "alice -> callwright udp" in whole
    assert 'response="xxxxxxxx' in whole
    assert "alice-secret" not in whole
    for segment in (server.data / "trace").iterdir():
        assert b'response="x' in segment.read_bytes()

    file = tmp_path / "call.pcap"
    said = callwright_inside("trace", call, "--pcap", file, "--data", server.data)
    assert said.code == 0
    packets = list(read(file.read_bytes()))
    assert [packet.payload.decode() for packet in packets] == [
        message["text"] for message in told["messages"]
    ]
    node = (bytes([127, 0, 0, 1]), server.sip.port)
    assert packets[0].target == node
    assert all(node in (packet.source, packet.target) for packet in packets)


def test_a_call_over_tcp_to_a_carrier_is_named_by_its_sbc(server: ServerProcess) -> None:
    calls: list[str] = []

    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice", transport="tcp") as alice:
            call = await alice.dial(OUTSIDE)
            heard = await outside.rings()
            heard.answer()
            await call.answered()
            heard.hang_up()
            await call.ended()
            record = await server.record(callee=OUTSIDE, result="answered")
            calls.append(str(record["id"]))
            await traced(server, calls[0], "BYE")

    play(scene())
    told = server.look("trace", calls[0])
    assert [dialog["party"] for dialog in told["dialogs"]] == ["alice", "sbc1"]
    assert {(m["source"], m["transport"]) for m in told["messages"]} >= {
        ("alice", "tcp"), ("sbc1", "udp"),
    }  # fmt: skip


def test_what_cannot_be_shown_is_said_in_a_line(server: ServerProcess, tmp_path: Path) -> None:
    unknown = server.run("trace", "call_00000000000000000000000000")
    assert (unknown.code, unknown.stdout) == (1, "")
    assert "there is no call call_0000" in unknown.stderr
    assert callwright_inside("trace", "--data", server.data).code == 2
    nowhere = callwright_inside("trace", "--last", "--data", tmp_path / "nowhere")
    assert nowhere.code == 1
    assert "does not exist" in nowhere.stderr


def test_a_trace_outlives_the_server_that_was_killed(start_server: StartServer) -> None:
    server = start_server()
    calls: list[str] = []

    async def scene() -> None:
        calls.append(await one_call(server))

    play(scene())
    before = server.look("trace", calls[0])
    server.kill()
    assert server.look("trace", calls[0]) == before
    server.start()
    play(scene())
    assert server.look("trace", calls[0]) == before
    assert server.look("trace", "--last")["call"] == calls[1]


@pytest.fixture
def homer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        yield listening


def test_homer_is_sent_each_message_and_nothing_is_kept_here(
    start_server: StartServer, homer: socket.socket, tmp_path: Path
) -> None:
    word = tmp_path / "word"
    word.write_text(f"{PASSWORD}\n")
    host, port = homer.getsockname()
    server = start_server(
        options=["--no-trace", "--hep", f"{host}:{port}", "--hep-id", "77", "--hep-password", word]
    )

    async def scene() -> None:
        async with phone(server, "alice") as alice, phone(server, "bob") as bob:
            call = await alice.dial("102")
            (await bob.rings()).answer()
            await call.answered()
            call.hang_up()

    play(scene())
    got = []
    while sum(chunks[0x0F].startswith(b"BYE ") for chunks in got) < 2:
        got.append(chunks_of(homer.recv(65_535)))
    (record,) = wait_until(lambda: server.records(caller_user="alice"), "the record")
    assert {chunks[0x11].decode() for chunks in got} == {record["id"]}
    assert {chunks[0x0C] for chunks in got} == {(77).to_bytes(4, "big")}
    assert {chunks[0x0E].decode() for chunks in got} == {PASSWORD}
    assert {chunks[0x0F].split(b" ")[0] for chunks in got} >= {b"INVITE", b"ACK", b"SIP/2.0"}
    assert not (server.data / "trace").exists()
    assert PASSWORD not in server.log_text
