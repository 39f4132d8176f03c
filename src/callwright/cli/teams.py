"""`callwright import teams`: writes an organisation file, and what it lacks."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from callwright.cli.failures import told
from callwright.cli.new_files import write_new
from callwright.cli.tables import print_json
from callwright.kernel.limits.commands import IMPORT_FILE_BYTES_MAX, TEAMS_FILES_MAX
from callwright.operations.importers.teams import BadExport, converted, read_exports
from callwright.operations.organisation_file import OrganisationFileError, read_organisation_text
from callwright.operations.organisation_file.layout import laid_out

PASSWORD_BYTES = 15
_HEAD = "# Made of what Teams says; what it could not say is in the report that came with it.\n"


def write(files: Sequence[Path], profile: Mapping[str, str], out: Path, *, as_json: bool) -> None:
    with told(BadExport, OSError):
        exported = read_exports(_contents(files))
        found = converted(
            exported, profile, new_password=lambda: secrets.token_urlsafe(PASSWORD_BYTES)
        )
        sections = (laid_out(name, content) for name, content in found.tree.items())
        text = "\n".join((_HEAD, *sections))
        write_new(out, text.encode())
        mistakes = _mistakes(text, out)
    if as_json:
        losses = [{"what": loss.what, "why": loss.why} for loss in found.losses]
        print_json({"file": str(out), "not_carried_over": losses, "to_put_right": mistakes})
        return
    for name, section in found.tree.items():
        print(f"{len(section):6} {name.replace('_', ' ')}")
    for loss in found.losses:
        print(f"not carried over: {loss}")
    for mistake in mistakes:
        print(f"to put right: {mistake}")
    print(f"wrote {out}, passwords included; look at it, then `callwright plan {out}`")


def _contents(files: Sequence[Path]) -> dict[str, bytes]:
    """Raises BadExport."""
    paths = [
        path
        for place in files
        for path in (sorted(place.glob("*.json")) if place.is_dir() else [place])
    ]
    if not paths:
        raise BadExport("there is no .json file; write each cmdlet's answer into one")
    if len(paths) > TEAMS_FILES_MAX:
        raise BadExport(f"there are {len(paths)} files; name at most {TEAMS_FILES_MAX}")
    found = {}
    for path in paths:
        try:
            with path.open("rb") as file:
                content = file.read(IMPORT_FILE_BYTES_MAX + 1)
        except OSError as error:
            raise BadExport(f"{path}: cannot be read: {error.strerror or error}") from None
        if len(content) > IMPORT_FILE_BYTES_MAX:
            raise BadExport(f"{path}: is larger than {IMPORT_FILE_BYTES_MAX} bytes")
        found[str(path)] = content
    return found


def _mistakes(text: str, out: Path) -> list[str]:
    """What an administrator has to decide before the file can be applied."""
    try:
        read_organisation_text(text, name=str(out), base=None)
    except OrganisationFileError as error:
        return [str(mistake) for mistake in error.mistakes]
    return []
