"""What commands leave on the disk when they write a file, and when they cannot."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from callwright.cli.new_files import write_new


@contextmanager
def no_room_beyond(octets: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_new_file_is_its_owners_only(tmp_path: Path) -> None:
    file = tmp_path / "usage.zip"
    write_new(file, b"numbers of people")
    assert file.read_bytes() == b"numbers of people"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_of_a_file_that_does_not_fit_nothing_is_left(tmp_path: Path) -> None:
    with no_room_beyond(1_000), pytest.raises(OSError, match="large"):
        write_new(tmp_path / "usage.zip", bytes(5_000))
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "usage.zip"
    file.write_bytes(b"older")
    with pytest.raises(FileExistsError, match=r"usage\.zip"):
        write_new(file, b"newer")
    assert file.read_bytes() == b"older"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere/usage\.zip"):
        write_new(tmp_path / "nowhere" / "usage.zip", b"")
