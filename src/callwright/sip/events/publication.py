"""State that phones publish, and how long it holds (RFC 3903 §6)."""

from collections.abc import Callable
from dataclasses import dataclass

from callwright.kernel.limits.subscriptions import PUBLICATIONS_PER_USER_MAX
from callwright.sip.events.package import PRESENCE, granted_s
from callwright.sip.events.pidf import PublishedPresence
from callwright.sip.events.pidf_reader import PidfError, read_pidf
from callwright.sip.message import Request
from callwright.sip.screening import Refusal


@dataclass(frozen=True, slots=True)
class Publication:
    etag: str
    """Names it until the next PUBLISH about it (§4.1)."""
    presence: PublishedPresence
    expires_at_s: float


class Publications:
    """What is published, by user. The caller checks that the publisher may speak for the user."""

    def __init__(self, new_token: Callable[[], str]) -> None:
        self._new_token = new_token
        self._published: dict[str, tuple[Publication, ...]] = {}
        """The newest at the end; never an empty tuple."""

    def publish(self, user: str, request: Request, *, now_s: float) -> Refusal:
        """Takes, refreshes, changes or removes; the answer is 200 (with SIP-ETag), 400 or 412."""
        live = self._live(user, now_s)
        former: Publication | None = None
        named = request.header_values("SIP-If-Match")
        if len(named) > 1:
            return Refusal(400, "One SIP-If-Match at most")
        if named:
            former = next((one for one in live if one.etag == named[0].strip()), None)
            if former is None:
                return Refusal(412)
        presence = None if former is None else former.presence
        if request.body:
            try:
                presence = read_pidf(request.body)
            except PidfError as error:
                return Refusal(400, str(error))
        if presence is None:
            return Refusal(400, "Nothing is published")
        expires_s = granted_s(request, PRESENCE)
        etag = self._new_token()
        new = Publication(etag, presence, now_s + expires_s)
        if expires_s and former is not None and not request.body:
            kept = tuple([new if one is former else one for one in live])  # refreshed, not newer
        else:
            kept = tuple([one for one in live if one is not former])
            kept += (new,) if expires_s else ()
        # A phone that forgets its tags at a restart leaves state behind; the newest holds.
        self._store(user, kept[-PUBLICATIONS_PER_USER_MAX:])
        return Refusal(200, None, (("SIP-ETag", etag), ("Expires", str(expires_s))))

    def presence(self, user: str, *, now_s: float) -> PublishedPresence | None:
        """What was published last and still holds."""
        live = self._live(user, now_s)
        return live[-1].presence if live else None

    def ends_in_s(self, user: str, *, now_s: float) -> float | None:
        """Until the first of the user's publications expires; None: there is none."""
        live = self._live(user, now_s)
        return min([one.expires_at_s for one in live]) - now_s if live else None

    def forget(self, user: str) -> None:
        self._published.pop(user, None)

    def users(self) -> tuple[str, ...]:
        return tuple(self._published)

    def _live(self, user: str, now_s: float) -> tuple[Publication, ...]:
        return tuple([one for one in self._published.get(user, ()) if one.expires_at_s > now_s])

    def _store(self, user: str, publications: tuple[Publication, ...]) -> None:
        if publications:
            self._published[user] = publications
        else:
            self._published.pop(user, None)
