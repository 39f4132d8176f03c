"""The page about access says what the code does."""

from pathlib import Path

from callwright.domains.access.model import Permission
from callwright.domains.access.roles import ROLES, Role

PAGE = Path("docs/reference/access.md")
MANAGED = {area for area, _, deed in (p.partition(":") for p in Permission) if deed == "write"}


def row(role: Role) -> str:
    written = [p.partition(":")[0] for p in role.permissions if p.endswith(":write")]
    read = [p for p in role.permissions if p.partition(":")[0] not in written]
    areas = sorted(
        {p.partition(":")[0] + (":search" if p.endswith("search") else "") for p in read}
    )
    areas = [area for area in areas if area.removesuffix(":search") == area or "calls" not in areas]
    everything = len(written) == len(MANAGED)
    return (
        f"| `{role.key}` | {'everything' if everything else ', '.join(sorted(written)) or '-'} "
        f"| {', '.join(areas) or '-'} |"
    )


def table() -> str:
    return "\n".join(map(row, ROLES.values()))


def test_the_table_of_roles_is_that_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = text.partition("|---|---|---|\n")[2].partition("\n<!-- end of roles -->")[0]
    assert shown == table()
