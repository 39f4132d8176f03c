"""Coverage-guided fuzzing of `sip/` with atheris (libFuzzer); `make fuzz` runs it.

    fuzz_sip.py --seconds 600           all targets at the same time
    fuzz_sip.py --seconds 600 --keep    and then the smallest inputs that reach what was reached
                                        become the corpus in tests/fuzz/corpus
    fuzz_sip.py --target parser FILE    this input only

What it finds is kept in .cache/fuzz/TARGET; a finding is an exit status other than 0.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests/fuzz/corpus"
DICTIONARY = ROOT / "tests/fuzz/sip.dict"
WORK = ROOT / ".cache/fuzz"
MESSAGES = ROOT / "tests/torture/messages"
INPUT_BYTES_MAX = 4_096
INPUT_S_MAX = 5
MEMORY_MB_MAX = 1_024
CORPUS_FILES_MAX = 30
CORPUS_FILE_BYTES_MAX = 1_200
NAMES = ("parser", "stream", "sdp", "endpoint")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--target", choices=NAMES, action="append")
    parser.add_argument("files", nargs="*", type=Path)
    given, libfuzzer = parser.parse_known_args()
    names = given.target or list(NAMES)
    if libfuzzer or given.files:
        return fuzz(names[0], [*libfuzzer, *map(str, given.files)])
    statuses = fuzz_all(names, given.seconds)
    for name, status in statuses.items():
        found = sorted(path.name for path in (WORK / name).glob("*-*"))
        print(f"{name}: {'failed: ' + ', '.join(found) if status else 'nothing found'}")
        if given.keep and not status:
            keep(name)
    return max(statuses.values())


def fuzz_all(names: list[str], seconds: int) -> dict[str, int]:
    """A process for each target, side by side."""
    running = {}
    for name in names:
        work = WORK / name
        seeds(name, work / "seeds")
        (work / "inputs").mkdir(exist_ok=True)
        words = [
            f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", f"-timeout={INPUT_S_MAX}",
            f"-rss_limit_mb={MEMORY_MB_MAX}", f"-artifact_prefix={work}/", f"-dict={DICTIONARY}",
            "-print_final_stats=1", str(work / "inputs"), str(work / "seeds"), str(CORPUS / name),
        ]  # fmt: skip
        log = (work / "log.txt").open("w")
        command = [sys.executable, __file__, "--target", name, *words]
        running[name] = subprocess.Popen(["nice", *command], stdout=log, stderr=log)
    return {name: process.wait() for name, process in running.items()}


def seeds(name: str, directory: Path) -> None:
    """The torture messages, and those of a call, in the form that a target reads."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for path in MESSAGES.glob("*.sip"):
        data = path.read_bytes()
        if name == "endpoint":
            data = b"\x05" + data
        elif name == "sdp":
            data = data.partition(b"\r\n\r\n")[2]
        (directory / path.stem).write_bytes(data)
    if name == "endpoint":
        targets = import_module("tests.fuzz.targets")
        steps = targets.recorded_steps()
        several = [targets.SEPARATOR.join(steps[at : at + 4]) for at in range(0, len(steps), 3)]
        for number, data in enumerate((*steps, *several)):
            (directory / f"call{number:03}").write_bytes(data)


def keep(name: str) -> None:
    """The corpus of a target anew, and small: the rest is found again within minutes."""
    merged = WORK / name / "merged"
    shutil.rmtree(merged, ignore_errors=True)
    merged.mkdir()
    sources = [WORK / name / "seeds", CORPUS / name, WORK / name / "inputs"]
    words = ["-merge=1", str(merged), *map(str, sources)]
    with (WORK / name / "merge.txt").open("w") as log:
        subprocess.run([program(name), *words], check=True, stdout=log, stderr=log)
    seeded = {path.read_bytes() for path in sources[0].iterdir()}
    found = sorted((p.read_bytes() for p in merged.iterdir()), key=lambda data: (len(data), data))
    small = [d for d in found if len(d) <= CORPUS_FILE_BYTES_MAX and d not in seeded]
    step = max(1, -(-len(small) // CORPUS_FILES_MAX))
    for path in (CORPUS / name).glob("input*"):
        path.unlink()
    for number, data in enumerate(small[::step]):
        (CORPUS / name / f"input{number:02}").write_bytes(data)


def program(name: str) -> str:
    """One target as a program of its own: libFuzzer starts itself anew to merge inputs."""
    path = WORK / f"{name}.sh"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" --target {name} "$@"\n')
        path.chmod(0o755)
    return str(path)


def fuzz(name: str, words: list[str]) -> int:
    """One target in this process; libFuzzer ends the process itself."""
    try:
        atheris = import_module("atheris")
    except ImportError:
        print("atheris is missing; `make fuzz` installs it where this Python has a wheel of it")
        return 2
    with atheris.instrument_imports(include=["callwright.sip"]):
        targets = import_module("tests.fuzz.targets").TARGETS
    atheris.Setup(
        [program(name), *words],
        targets[name],
        custom_mutator=None if name == "sdp" else bend,
    )
    atheris.Fuzz()
    return 0


def bend(data: bytes, size_max: int, seed: int) -> bytes:
    """Now libFuzzer's way with bytes, now a change of lines, which are what SIP is made of."""
    atheris = import_module("atheris")
    chance = random.Random(seed)
    if chance.random() < 0.6:
        return bytes(atheris.Mutate(data, min(size_max, max(len(data) * 2, 64))))
    lines = data.split(b"\r\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines.insert(at, chance.choice(LINES))
        case 4:
            name, colon, _ = lines[at].partition(b":")
            lines[at] = name + colon + lines[other].partition(b":")[2]
        case _:
            lines[at] += chance.choice(TAILS)
    return b"\r\n".join(lines)[:size_max]


LINES = tuple(
    line.encode()
    for line in (
        "Require: 100rel", "Supported: timer, 100rel", "Session-Expires: 90;refresher=uac",
        "Min-SE: 90", "RSeq: 1", "RAck: 1 1 INVITE", "Expires: 0", "Expires: 4294967296",
        "Contact: *", "Contact: <sip:alice@192.0.2.1>", "Content-Type: application/sdp",
        "Content-Encoding: gzip", "Accept: text/plain", "Content-Length: 0", "l: 5",
        "Via: SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bKx;rport", "Record-Route: <sip:a;lr>",
        "Route: <sip:192.0.2.7>", "Event: message-summary", "Subscription-State: terminated",
        "Refer-To: <sip:carol@example.com?Replaces=x>", "Replaces: x;to-tag=bob1;from-tag=a",
        'Authorization: Digest username="a", realm="example.com", nonce="1-1-x", uri="sip:x"',
        "To: <sip:bob@example.com>;tag=bob1", "CSeq: 2 BYE", "Max-Forwards: 0", "Path: <sip:p;lr>",
        " folded", "X: \x00\xff",
    )
)  # fmt: skip
TAILS = (b";tag=bob1", b";tag=alice1", b">", b'"', b"\\", b",", b";lr", b"?x=y", b"\xff", b"%00")


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
