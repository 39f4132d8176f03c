"""The load tools measure what they say, and fail when a call does."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOADGEN = ROOT / "bench/loadgen"
PROXY = f"{sys.executable} {Path(__file__).with_name('stateless_proxy.py')}"

pytestmark = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")


@pytest.fixture(scope="module")
def loadgen() -> Path:
    subprocess.run(
        ["cargo", "build", "--release", "--locked", "--quiet"], cwd=LOADGEN, check=True, timeout=50
    )
    return LOADGEN / "target/release/loadgen"


def load_itself(loadgen: Path, *words: str) -> list[dict[str, Any]]:
    """The carrier calls the phones without a server between them."""
    carrier, phones = free_addresses(2)
    ends = ["--carrier", carrier, "--phones", phones]
    run = subprocess.run(
        [loadgen, *words, *ends, "--target", phones, "--users", "0"],
        capture_output=True, text=True, timeout=50, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in run.stdout.splitlines()]


def free_addresses(count: int) -> list[str]:
    """Addresses on loopback where nobody listens now."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def measured(tmp_path: Path, server: str, *words: str) -> tuple[int, dict[str, Any], str]:
    report = tmp_path / "report.json"
    run = subprocess.run(
        [sys.executable, ROOT / "bench/run.py", "--json", report, "--server", server,
         "--port", "17060", "--registered", "0", *words],
        capture_output=True, text=True, timeout=58,
    )  # fmt: skip
    assert report.exists(), run.stderr
    return run.returncode, json.loads(report.read_text())["runs"], run.stdout


def test_signalled_calls_are_placed_at_their_rate_and_all_end(loadgen: Path) -> None:
    *_, result = load_itself(loadgen, "signal", "--calls", "100", "--rate", "100", "--hold", "0.2")
    assert result["attempted"] == result["ok"] == 100
    assert result["failed"] == {}
    assert 1.1 < result["wall_s"] < 3
    assert 0 < result["setup_ms"]["p50"] <= result["setup_ms"]["p99"] <= result["setup_ms"]["max"]


def test_audio_flows_both_ways_and_every_packet_is_counted(loadgen: Path) -> None:
    events = load_itself(loadgen, "media", "--calls", "10", "--rate", "100", "--hold", "1")
    assert [event["event"] for event in events] == ["registered", "up", "ending", "result"]
    rtp = events[-1]["rtp"]
    # 10 calls, two ends, 50 packets a second; the settling at both edges costs a few.
    assert 10 * 2 * 40 < rtp["sent"] < 10 * 2 * 60
    assert rtp["received"] == rtp["sent"]
    assert rtp["lost"] == rtp["wrong_tone"] == rtp["out_of_order"] == 0


def test_without_phones_no_call_is_placed(loadgen: Path) -> None:
    run = subprocess.run(
        [loadgen, "signal", "--target", "127.0.0.1:17099", "--carrier", "127.0.0.1:17080",
         "--phones", "127.0.0.1:17090"],
        capture_output=True, text=True, timeout=50,
    )  # fmt: skip
    assert run.returncode == 2
    assert "0 of 20 phones could register" in run.stderr


@pytest.mark.usefixtures("loadgen")
def test_the_runner_measures_a_server(tmp_path: Path) -> None:
    small = ("--rounds", "2", "--calls", "100", "--rate", "200", "--hold", "0.1", "--talks", "10",
             "--talk", "2", "--held", "50")  # fmt: skip
    code, runs, table = measured(tmp_path, PROXY, *small)
    assert code == 0
    modes = ("signal", "digest", "media", "memory")
    assert [runs[mode]["ok"] for mode in modes] == [200, 200, 20, 50]
    assert runs["digest"]["setup_p99_ms"] > 0
    assert len(runs["signal"]["rounds"]) == len(runs["media"]["rounds"]) == 2
    assert 0 < runs["signal"]["cpu_ms_per_call"] < 20
    assert runs["media"]["cpu_ms_per_call_second"] < 0.8  # its audio passes the proxy by
    assert abs(runs["memory"]["kb_per_call"]) < 150
    assert "CPU of a call, digest" in table


@pytest.mark.usefixtures("loadgen")
def test_a_server_that_refuses_calls_fails_the_run(tmp_path: Path) -> None:
    small = ("--rounds", "1", "--calls", "30", "--rate", "100", "--hold", "0.1", "--talks", "5",
             "--talk", "1", "--held", "5")  # fmt: skip
    code, runs, table = measured(tmp_path, f"{PROXY} --refuse 10", *small)
    assert code == 1
    assert runs["signal"]["failed"] == {"503": 3}
    assert "missed: 3 503" in table


def test_a_server_that_does_not_start_is_told_with_its_words(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "bench/run.py", "--server", f"{sys.executable} -c 1/0"],
        capture_output=True, text=True, timeout=50,
    )  # fmt: skip
    assert run.returncode == 2
    assert "ZeroDivisionError" in run.stderr


def test_the_runner_measures_a_queue_and_a_menu(loadgen: Path, tmp_path: Path) -> None:
    """On the product itself: more callers than agents, nobody is overtaken, all are heard."""
    report = tmp_path / "report.json"
    run = subprocess.run(
        [sys.executable, ROOT / "bench/services.py", "--json", report, "--port", "17160",
         "--rounds", "1", "--callers", "60", "--rate", "60", "--talk", "0.5"],
        capture_output=True, text=True, timeout=58,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    runs = json.loads(report.read_text())
    for service in ("queue", "attendant"):
        (only,) = runs[service]
        assert (only["ok"], only["service"]["heard"]) == (60, 60)
    assert runs["queue"][0]["service"]["overtaken"] == 0
