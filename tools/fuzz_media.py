"""Fuzzing of what strangers may send to the media engine: RTP, RTCP, SRTP, STUN, DTLS, payloads of
every codec, and the whole engine without its sockets. `make fuzz-media` runs it.

    fuzz_media.py --seconds 600                  all targets, two at the same time
    fuzz_media.py --seconds 600 --target stun    this one
    fuzz_media.py --target stun FILE             this input only
    fuzz_media.py --miri                         a few inputs of each under Miri

With a nightly toolchain and cargo-fuzz, coverage guides it (libFuzzer with AddressSanitizer); else
inputs are changed at random, with overflow checks and assertions. What it finds is kept in
.cache/fuzz/media/TARGET; a finding is an exit status other than 0.
"""

import argparse
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).parent.parent
CRATE = ROOT / "native/fuzz"
WORK = ROOT / ".cache/fuzz/media"
NAMES = ("rtp", "rtcp", "srtp", "stun", "dtls", "codec", "switch")
NIGHTLY = "nightly"
INPUT_BYTES_MAX = 4_096
INPUT_S_MAX = 5
MEMORY_MB_MAX = 1_024
AT_ONCE = 2
MIRI_RUNS = {"rtp": 0, "rtcp": 200, "srtp": 20, "stun": 40, "dtls": 0, "codec": 0, "switch": 0}
"""Those with 0 reach libopus or a clock, which Miri cannot run."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--target", choices=NAMES, action="append")
    parser.add_argument("--plain", action="store_true", help="without libFuzzer")
    parser.add_argument("--miri", action="store_true")
    parser.add_argument("file", nargs="?", type=Path)
    given = parser.parse_args()
    names = given.target or list(NAMES)
    if given.miri:
        return max(miri(name) for name in names if MIRI_RUNS[name])
    build()
    if given.file is not None:
        return run([str(mutator()), names[0], str(given.file)])
    is_guided = not given.plain and has_libfuzzer()
    if is_guided:
        cargo(NIGHTLY, "fuzz", "build", "--fuzz-dir", ".", "--features", "libfuzzer")
    else:
        print("no nightly toolchain with cargo-fuzz: inputs are changed at random")
    with ThreadPoolExecutor(AT_ONCE) as side_by_side:
        act = guided if is_guided else plain
        statuses = list(side_by_side.map(lambda name: act(name, given.seconds), names))
    for name, status in zip(names, statuses, strict=True):
        found = sorted(path.name for path in (WORK / name).glob("*-*"))
        why = ", ".join(found) or f"ended with {status}, see {WORK / name}/log.txt"
        print(f"{name}: {'failed: ' + why if status else 'nothing found'}")
    return max(statuses)


def build() -> None:
    cargo(None, "build", "--quiet", "--release", "--locked", "--bin", "mutate")


def mutator() -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR", CRATE / "target")) / "release/mutate"


def has_libfuzzer() -> bool:
    asked = ["cargo", f"+{NIGHTLY}", "fuzz", "--version"]
    if shutil.which("rustup") is None or shutil.which("c++") is None:
        return False
    return subprocess.run(asked, capture_output=True, env=environment()).returncode == 0


def guided(name: str, seconds: int) -> int:
    """libFuzzer, with what it found to be interesting in earlier runs."""
    folder = made(name)
    seeds = made(f"{name}/seeds")
    subprocess.run([mutator(), name, "--seeds", seeds], check=True)
    words = [
        f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", f"-timeout={INPUT_S_MAX}",
        f"-rss_limit_mb={MEMORY_MB_MAX}", f"-artifact_prefix={folder}/", "-print_final_stats=1",
    ]  # fmt: skip
    inputs = [str(made(f"{name}/inputs")), str(seeds)]
    command = [
        "cargo", f"+{NIGHTLY}", "fuzz", "run", "--fuzz-dir", ".", "--features", "libfuzzer",
        name, *inputs, "--", *words,
    ]  # fmt: skip
    with (folder / "log.txt").open("w") as log:
        return run(["nice", *command], log)


def plain(name: str, seconds: int) -> int:
    folder = made(name)
    with (folder / "log.txt").open("w") as log:
        return run(["nice", str(mutator()), name, str(seconds), str(folder)], log)


def miri(name: str) -> int:
    """The same stories, interpreted: undefined behaviour of safe code's unsafe foundations."""
    runs = str(MIRI_RUNS[name])
    command = ["cargo", f"+{NIGHTLY}", "miri", "run", "--quiet", "--bin", "mutate", "--"]
    flags = {
        "MIRIFLAGS": "-Zmiri-disable-isolation -Zmiri-permissive-provenance",
        # Interpreted: instructions of one processor are none.
        "RUSTFLAGS": '--cfg aes_backend="soft" --cfg polyval_backend="soft"',
    }
    return subprocess.run(
        [*command, name, "--runs", runs], cwd=CRATE, env=environment() | flags
    ).returncode


def made(name: str) -> Path:
    folder = WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cargo(toolchain: str | None, *words: str) -> None:
    chosen = [] if toolchain is None else [f"+{toolchain}"]
    subprocess.run(["cargo", *chosen, *words], cwd=CRATE, check=True, env=environment())


def run(command: list[str], log: TextIO | None = None) -> int:
    done = subprocess.run(command, cwd=CRATE, env=environment(), stdout=log, stderr=log)
    return done.returncode


def environment() -> dict[str, str]:
    """libopus is built by the cmake that is installed beside Python."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


if __name__ == "__main__":
    raise SystemExit(main())
