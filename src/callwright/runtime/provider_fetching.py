"""Asks identity providers: small answers, not for long, and only from where it may."""

import json
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx

from callwright.kernel.limits.access import OIDC_ANSWER_BYTES_MAX, OIDC_ANSWER_S
from callwright.operations.access.oidc import ProviderTrouble
from callwright.runtime.webhook_posting import NotDelivered, Reach, chosen_address


class ProviderFetcher:
    """Implements operations.access.oidc.Fetcher; from threads only.

    Whoever sets the provider up names three more places by its answer. Each is connected to at the
    very address that was looked at, no proxy stands between, and no redirection is followed.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._security = ssl.create_default_context()
        """Trusts whom this machine trusts, as webhooks do."""

    def get(self, url: str) -> Mapping[str, Any]:
        return self._ask("GET", url, None)

    def post(self, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        return self._ask("POST", url, form)

    def _ask(self, method: str, url: str, form: Mapping[str, str] | None) -> Mapping[str, Any]:
        try:
            status, content = self._answer(method, url, form)
        except NotDelivered as error:
            raise ProviderTrouble(str(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise ProviderTrouble(f"{url}: {type(error).__name__}") from error
        if status != 200:
            raise ProviderTrouble(f"{url} answered {status}")
        try:
            said = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ProviderTrouble(f"{url} gave no JSON") from error
        if not isinstance(said, dict):
            raise ProviderTrouble(f"{url} gave no JSON object")
        return said

    def _answer(self, method: str, url: str, form: Mapping[str, str] | None) -> tuple[int, bytes]:
        """Raises NotDelivered, ProviderTrouble, httpx.HTTPError."""
        ends_at_s = time.monotonic() + OIDC_ANSWER_S
        content = bytearray()
        with (
            httpx.Client(timeout=OIDC_ANSWER_S, trust_env=False, verify=self._security) as client,
            client.stream(method, **self._place(httpx.URL(url)), data=form) as answer,
        ):
            for part in answer.iter_raw():
                content += part
                if len(content) > OIDC_ANSWER_BYTES_MAX:
                    raise ProviderTrouble(f"{url} says too much")
                if time.monotonic() > ends_at_s:
                    raise ProviderTrouble(f"{url} takes longer than {OIDC_ANSWER_S:g} s")
            return answer.status_code, bytes(content)

    def _place(self, url: httpx.URL) -> dict[str, Any]:
        """Where to connect, and as whom: the name is still what a certificate must prove."""
        is_secure = url.scheme == "https"
        port = url.port or (443 if is_secure else 80)
        try:
            found = socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NotDelivered(f"{url.host} has no address") from None
        address = chosen_address(url.host, found, self._reach)
        return {
            "url": url.copy_with(host=str(address), port=port),
            "headers": {
                "Host": url.netloc.decode("ascii"),
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            "extensions": {"sni_hostname": url.host} if is_secure else {},
        }
