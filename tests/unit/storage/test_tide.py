"""Whoever looks often learns from one question whether there is anything to look for."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from callwright.storage.database import Database
from callwright.storage.tide import Tide

RAISE = "UPDATE configuration_revision SET revision = revision + 1"


def test_it_turns_with_every_commit_of_anybody(tmp_path: Path) -> None:
    with closing(Database.open(tmp_path)) as database, closing(Database.open(tmp_path)) as other:
        tide, second = Tide(database), Tide(database)
        assert tide.has_turned()  # nobody has looked yet
        assert not tide.has_turned()
        for writer in (database, other):
            with writer.writing() as connection:
                connection.execute(text(RAISE))
                assert not tide.has_turned()
            assert tide.has_turned()
            assert not tide.has_turned()
        assert second.has_turned()
        script = (
            "import sys, pathlib; from sqlalchemy import text\n"
            "from callwright.storage.database import Database\n"
            "with Database.open(pathlib.Path(sys.argv[1])).writing() as connection:\n"
            f"    connection.execute(text({RAISE!r}))"
        )
        subprocess.run([sys.executable, "-c", script, tmp_path], check=True)
        assert tide.has_turned()
        assert not tide.has_turned()
        with database.reading() as connection:
            assert (
                connection.execute(text("SELECT revision FROM configuration_revision")).scalar()
                == 3
            )
        assert not tide.has_turned()  # to read is no news


def test_who_cannot_tell_says_that_it_may_have(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    tide = Tide(database)
    assert tide.has_turned()
    database.close()
    (tmp_path / "callwright.db").unlink()
    assert tide.has_turned()
    assert tide.has_turned()
