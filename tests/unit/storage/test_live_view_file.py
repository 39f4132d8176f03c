"""The live view as a file beside the data."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from callwright.storage.live_view import LiveViewFile

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
WRITES = """
import sys
from datetime import datetime
from pathlib import Path
from callwright.storage.live_view import LiveViewFile
boards = [{"name": "\\u0141ucja"}]
LiveViewFile(Path(sys.argv[1])).write(boards, datetime.fromisoformat(sys.argv[2]))
"""


def test_a_name_is_written_whatever_the_locale_of_the_server_knows(tmp_path: Path) -> None:
    plain = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    program = [sys.executable, "-c", WRITES, str(tmp_path), AT.isoformat()]
    subprocess.run(program, env=plain, check=True)
    assert LiveViewFile(tmp_path).read(AT) == ({"name": "Łucja"},)
