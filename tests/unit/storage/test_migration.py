"""Migrations lead to the tables that the program works with."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import callwright.storage.migration
from callwright.storage.database import Database
from callwright.storage.migration import SCRIPTS, VERSIONS
from callwright.storage.schema import METADATA


def schema(file: Path) -> dict[str, list[str]]:
    """The text that made each table and index, without what depends on who wrote it, and when: a
    column that came later stands on the line of another."""
    connection = sqlite3.connect(file)
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql NOT NULL "
        "AND name <> 'alembic_version'"
    ).fetchall()
    connection.close()
    return {
        name: sorted(line.strip().rstrip(",") for line in re.split(r"\n|, (?=\w+ [A-Z])", text))
        for name, text in rows
    }


def test_a_migrated_database_is_like_a_fresh_one(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path}/fresh.db")
    METADATA.create_all(engine)
    engine.dispose()
    assert schema(tmp_path / "callwright.db") == schema(tmp_path / "fresh.db")


def test_the_program_knows_every_version_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(script.revision for script in scripts)[::-1] == VERSIONS


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FreePBX#63: an update that failed left a system that nobody could use."""
    Database.open(tmp_path).close()
    before = schema(tmp_path / "callwright.db")
    scripts = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, scripts)
    (scripts / "versions" / "v9998_broken.py").write_text(
        f"from alembic import op\nimport sqlalchemy as sa\n"
        f"revision, down_revision = '9998', {VERSIONS[-1]!r}\n"
        "def upgrade():\n"
        "    op.create_table('half_done', sa.Column('id', sa.Integer, primary_key=True))\n"
        "    raise RuntimeError('power cut')\n"
    )
    monkeypatch.setattr(callwright.storage.migration, "SCRIPTS", scripts)
    monkeypatch.setattr(callwright.storage.migration, "VERSIONS", (*VERSIONS, "9998"))
    with pytest.raises(RuntimeError, match="power cut"):
        Database.open(tmp_path)
    monkeypatch.undo()
    assert schema(tmp_path / "callwright.db") == before
    Database.open(tmp_path).close()
