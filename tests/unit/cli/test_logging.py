"""Log lines, and where they cannot be written."""

import errno
import io
import sys

import pytest
import structlog

from callwright.cli.logging import log_to_stderr


def test_a_line_is_json_where_no_person_looks(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    structlog.get_logger().warning("mail waits", count=3)
    assert '"event": "mail waits"' in capsys.readouterr().err


class OnFullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_on_a_full_disk_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", OnFullDisk())
    log_to_stderr()
    structlog.get_logger().error("storage.write_failed", because="the disk is full")
