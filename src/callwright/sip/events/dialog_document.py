"""A user's calls as a document (RFC 4235 §4): what lights a busy lamp."""

from dataclasses import dataclass

from callwright.sip.events.markup import DECLARATION, attributes, escaped

IDLE = '<dialog id="idle"><state>terminated</state></dialog>\n'
"""Says that nothing goes on. Phones that were told of a dialog want to hear of its end, and some
keep the lamp lit for a document without any."""


@dataclass(frozen=True, slots=True)
class Identity:
    uri: str
    name: str | None = None

    def element(self, name: str) -> str:
        """``<local>`` or ``<remote>``: whom to show, and whom a key of the phone calls."""
        return (
            f"<{name}><identity{attributes(('display', self.name))}>{escaped(self.uri)}</identity>"
            f"<target{attributes(('uri', self.uri))}/></{name}>"
        )


@dataclass(frozen=True, slots=True)
class DialogTags:
    """The dialog of the watched phone with us, as the phone sees it."""

    call_id: str
    local_tag: str | None
    """None: the phone did not answer yet."""
    remote_tag: str


@dataclass(frozen=True, slots=True)
class DialogState:
    id: str
    state: str
    """``trying``, ``early``, ``confirmed`` (RFC 4235 §3.7.1)."""
    direction: str
    """``initiator`` or ``recipient``."""
    local: Identity
    remote: Identity | None = None
    """None: the watcher is not told."""
    tags: DialogTags | None = None

    def element(self) -> str:
        named = attributes(("id", self.id))
        if (tags := self.tags) is not None:
            named += attributes(
                ("call-id", tags.call_id),
                ("local-tag", tags.local_tag),
                ("remote-tag", tags.remote_tag),
            )
        named += attributes(("direction", self.direction))
        remote = "" if self.remote is None else self.remote.element("remote")
        return (
            f"<dialog{named}><state>{self.state}</state>"
            f"{self.local.element('local')}{remote}</dialog>\n"
        )


@dataclass(frozen=True, slots=True)
class DialogInfo:
    """All calls of one user; always whole (``state="full"``)."""

    entity: str
    """The user's SIP URI."""
    dialogs: tuple[DialogState, ...] = ()

    def body(self, version: int) -> bytes:
        head = attributes(("version", str(version)), ("state", "full"), ("entity", self.entity))
        dialogs = "".join([dialog.element() for dialog in self.dialogs]) or IDLE
        return (
            f'{DECLARATION}<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"{head}>\n'
            f"{dialogs}</dialog-info>\n"
        ).encode()
