"""Commands about supervisors in agents' calls; they need a running server."""

from typing import Annotated
from urllib.parse import quote

import typer

from callwright.cli.groups import ListsByItself
from callwright.cli.places import JsonOption, Reach, reached
from callwright.kernel.supervision import SupervisionMode

supervision_app = typer.Typer(
    name="supervision", help="Supervisors in agents' calls (--server).", cls=ListsByItself
)
Supervisor = Annotated[str, typer.Argument(metavar="SUPERVISOR", help="A user.")]
COLUMNS = ("supervisor", "agent", "mode", "since", "call", "agent_call")


@supervision_app.command("list")
@reached
def list_supervisions(reach: Reach, as_json: JsonOption = False) -> None:
    """List who supervises whom now."""
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told
    from callwright.cli.tables import print_json, print_table

    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        found = api.get("/supervision")["items"]
    if as_json:
        print_json(found)
    else:
        print_table(COLUMNS, (tuple(each[name] for name in COLUMNS) for each in found))


@supervision_app.command("start")
@reached
def start(
    reach: Reach,
    supervisor: Supervisor,
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="A user.")],
    mode: SupervisionMode = SupervisionMode.MONITOR,
) -> None:
    """Ring a supervisor's phones, who joins an agent's call with the answer."""
    body = {"supervisor": supervisor, "agent": agent, "mode": mode.value}
    _ask(reach, "POST", "/supervision", body)
    print(f"{supervisor}'s phones ring, to {mode.value} {agent}")


@supervision_app.command("mode")
@reached
def change(
    reach: Reach,
    supervisor: Supervisor,
    mode: Annotated[SupervisionMode, typer.Argument(help="What to change over to.")],
) -> None:
    """Change over: monitor, whisper, barge, or takeover."""
    _ask(reach, "PATCH", f"/supervision/{quote(supervisor, safe='')}", {"mode": mode.value})
    print(f"{supervisor} changes over to {mode.value}")


@supervision_app.command("end")
@reached
def end(reach: Reach, supervisor: Supervisor) -> None:
    """Hang a supervisor up; the agent's call goes on."""
    _ask(reach, "DELETE", f"/supervision/{quote(supervisor, safe='')}", None)
    print(f"{supervisor} is out")


def _ask(reach: Reach, method: str, path: str, body: object) -> None:
    from callwright.cli.client import ApiRefused, reached_api
    from callwright.cli.failures import told

    with told(ApiRefused), reached_api(reach) as api:
        api.ask(method, path, body=body)
