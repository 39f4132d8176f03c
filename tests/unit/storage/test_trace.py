"""Traced messages on disk: found again, bounded, and readable after a crash."""

from pathlib import Path

import pytest

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.storage.trace import TracedMessage, TraceLink, TraceReader, TraceWriter, segments

NEAR, PHONE, SBC = (HostPort("192.0.2.1", 5060), HostPort("10.0.0.1", 5062),
                    HostPort("2001:db8::7", 5061))  # fmt: skip
TO_PHONE, TO_SBC = Flow("udp", NEAR, PHONE), Flow("tls", NEAR, SBC, 7)
INVITE = b"INVITE sip:bob@x SIP/2.0\r\nCall-ID: a1\r\n\r\n"
OK = b"SIP/2.0 200 OK\r\nCall-ID: a1\r\n\r\n"


def message(
    at_us: int, data: bytes, call_id: bytes = b"a1", flow: Flow = TO_PHONE
) -> TracedMessage:
    return TracedMessage(at_us, data.startswith(b"SIP/2.0"), flow, call_id, data)


def link(call: str, call_id: bytes, party: str, at_us: int = 1) -> TraceLink:
    return TraceLink(at_us, call, call_id, party)


def test_a_call_is_found_by_its_id_and_by_each_of_its_sip_call_ids(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "trace")
    writer.write([link("call_A", b"a1", "alice")], [message(10, INVITE)])
    writer.write(
        [link("call_A", b"a2", "sbc1"), link("call_B", b"b1", "carol")],
        [message(12, INVITE, b"a2", TO_SBC), message(11, OK), message(13, INVITE, b"b1")],
    )
    writer.close()
    reader = TraceReader(tmp_path / "trace")
    for name in ("call_A", "a1", "a2"):
        links = reader.call_links(name)
        assert [(one.sip_call_id, one.party) for one in links] == [
            (b"a1", "alice"),
            (b"a2", "sbc1"),
        ]
    found = reader.messages({b"a1", b"a2"})
    assert [(one.at_us, one.is_sent, one.data) for one in found] == [
        (10, False, INVITE), (11, True, OK), (12, False, INVITE)
    ]  # fmt: skip
    assert [one.flow for one in found] == [
        TO_PHONE, TO_PHONE, Flow("tls", NEAR, SBC)
    ], "addresses are kept, numbers of connections mean nothing later"  # fmt: skip
    assert reader.call_links("nobody") == []


def test_the_last_call_is_the_one_that_began_last(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "trace")
    writer.write([link("call_A", b"a1", "alice", 1), link("call_B", b"b1", "bob", 2)], [])
    writer.write([link("call_A", b"a2", "sbc1", 3)], [])
    reader = TraceReader(tmp_path / "trace")
    assert reader.last_call() == "call_B"
    writer.close()


def test_what_a_crash_cut_off_is_skipped_and_the_rest_is_there(tmp_path: Path) -> None:
    directory = tmp_path / "trace"
    writer = TraceWriter(directory)
    writer.write([link("call_A", b"a1", "alice")], [message(1, INVITE)])
    writer.write([], [message(2, OK)])
    writer.close()
    (segment,) = segments(directory)
    whole = segment.read_bytes()
    second = len(whole) - len(OK) // 2
    for cut in (whole[:second], whole[:-1] + b"?", whole + b"\x05"):
        segment.write_bytes(cut)
        after = TraceWriter(directory)
        after.write([], [message(3, b"BYE")])
        after.close()
        found = TraceReader(directory).messages({b"a1"})
        assert found[0].data == INVITE
        assert found[-1].data == b"BYE", "a node that starts again begins a segment of its own"
        segments(directory)[-1].unlink()


@pytest.mark.parametrize("foreign", [b"", b"CWTR", b"something else", b"CWTRACE1\xff\xff\xff\xff"])
def test_a_file_that_is_no_trace_is_passed_over(tmp_path: Path, foreign: bytes) -> None:
    (tmp_path / "0000000001.trace").write_bytes(foreign)
    (tmp_path / "notes.trace").write_text("not ours")
    writer = TraceWriter(tmp_path)
    writer.write([link("call_A", b"a1", "alice")], [message(1, INVITE)])
    writer.close()
    assert len(TraceReader(tmp_path).messages({b"a1"})) == 1


def test_segments_are_bounded_and_the_oldest_go(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path, segment_bytes=1_000, bytes_max=5_000)
    for number in range(100):
        writer.write([], [message(number, b"x" * 400)])
    writer.close()
    assert sum(path.stat().st_size for path in segments(tmp_path)) <= 5_000
    kept = [one.at_us for one in TraceReader(tmp_path).messages({b"a1"})]
    assert kept[-1] == 99
    assert kept == list(range(kept[0], 100)), "the newest, without a gap"


@pytest.mark.row(274)
@pytest.mark.row(274)
def test_a_ladder_can_be_shown_for_30_days(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.write([], [message(1, INVITE)])
    writer.close()
    written_s = segments(tmp_path)[0].stat().st_mtime
    writer.clean_up(now_s=written_s + 30 * 86_400 - 1)
    assert segments(tmp_path)
    writer.clean_up(now_s=written_s + 31 * 86_400)
    assert not segments(tmp_path)


def test_nobody_else_reads_conversations(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "trace")
    writer.write([], [message(1, INVITE)])
    writer.close()
    assert (tmp_path / "trace").stat().st_mode & 0o077 == 0
    assert segments(tmp_path / "trace")[0].stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_used_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "trace").write_text("in the way")
    with pytest.raises(OSError, match="exists"):
        TraceWriter(tmp_path / "trace").write([], [message(1, INVITE)])
    assert TraceReader(tmp_path / "trace").is_empty
