"""The comparison with another media server: its protocol, and what the table says of it."""

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(autouse=True)
def bench_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(BENCH), *sys.path])


def test_what_is_encoded_for_the_other_server_is_read_back() -> None:
    from media_servers import bdecoded, bencoded

    words = {"command": "offer", "sdp": "v=0\r\na=x:é", "flags": ["a", "bc"], "n": -12, "d": {}}
    encoded = bencoded(words)
    assert encoded.startswith(b"d7:command5:offer1:dde5:flagsl1:a2:bce")
    assert bdecoded(encoded) == (words, len(encoded))


@pytest.mark.parametrize("broken", [b"", b"5", b"5:ab", b"i1", b"x", b"3abc"])
def test_a_broken_answer_is_an_error_or_short(broken: bytes) -> None:
    from media_servers import bdecoded

    try:
        value, _ = bdecoded(broken)
    except ValueError:
        return
    assert value == "ab", "only a text that was cut off is taken as it is"


def test_the_table_says_met_and_missed() -> None:
    from media_report import Row, table

    text = table(
        [
            Row("cheap", 0.3, "ms", 0.45, rounds=(0.2, 0.3, 0.5)),
            Row("dear", 0.6, "ms", 0.45),
            Row("deaf", 0.1, "ms", 0.45, is_good=False),
            Row("other", 0.7, "ms"),
            Row("unknown", None, "ms", 0.45),
        ]
    )
    verdicts = {line.split()[0]: line for line in text.splitlines()}
    assert "0.3 ms (0.2 to 0.5)" in verdicts["cheap"]
    assert verdicts["cheap"].endswith("met")
    for name in ("dear", "deaf", "unknown"):
        assert verdicts[name].endswith("missed"), name
    assert "met" not in verdicts["other"]
    assert "not measured" in verdicts["unknown"]


def test_phones_that_are_late_do_not_make_calls_cheap() -> None:
    from media_report import Heard
    from server import Usage

    def heard(said: int) -> Heard:
        return Heard({"checked": said, "seconds": 4.0}, Usage(0, 0, 0, 0), Usage(4, 2, 0, 0))

    assert heard(400_000).calls == 1_000, "a call is 100 packets a second"
    assert heard(200_000).calls == 500


def test_phones_of_a_call_never_share_a_port() -> None:
    from media import phones_of

    for count in (2, 20, 80, 2_000):
        ports = [phone.port for phone in phones_of(count)]
        assert all(one != other for one, other in zip(ports[::2], ports[1::2], strict=True))


def test_phones_that_share_a_port_of_the_server_have_different_ports() -> None:
    from media import home, one_place, phones_of

    from callwright.calls.ports import MediaPeer, RtpPorts

    for places, pairs in ((home, 32), (one_place, 2_000)):
        given = RtpPorts(15_200, 19_999)
        phones = phones_of(2_000, places=places)
        ways = {(given.take(MediaPeer(phone.place)), phone.port) for phone in phones}
        assert len(ways) == len(phones)
        assert len({port for port, _ in ways}) == pairs
