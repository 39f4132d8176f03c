"""A small OpenID provider on loopback, which can also be told to misbehave."""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "callwright", "the client's secret"
READY_S = 10.0


@dataclass
class IdentityProvider:
    """Signs everybody in as ``claims``; ``changes`` spoil the next token."""

    now_s: float
    claims: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    algorithm: str = "RS256"
    documents: dict[str, Any] = field(default_factory=dict)
    """What the discovery document says instead."""
    grants: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refuses: bool = False
    moved_to: str = ""
    """Where the discovery document says it is instead."""

    def turn_key(self) -> None:
        """Signs with a new key of another kind from now on."""
        self.key = ECKey.generate_key("P-256", {"kid": "k2", "use": "sig"})
        self.algorithm = "ES256"

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration", response_model=None)
        def discovery() -> dict[str, Any] | RedirectResponse:
            self.asked.append("discovery")
            if self.moved_to:
                return RedirectResponse(self.moved_to, 302)
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "authorization_response_iss_parameter_supported": True,
                **self.documents,
            }

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            self.asked.append("keys")
            return dict(KeySet([self.key]).as_dict(private=False))

        @app.get("/authorize")
        def authorize(request: Request) -> RedirectResponse:
            asked = dict(request.query_params)
            assert asked["response_type"] == "code"
            assert asked["client_id"] == CLIENT
            assert asked["code_challenge_method"] == "S256"
            answer = {"state": asked["state"], "iss": self.issuer, "session_state": "x"}
            if self.refuses:
                answer["error"] = "access_denied"
            else:
                code = f"code{len(self.grants)}"
                self.grants[code] = asked
                answer["code"] = code
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

        @app.post("/token")
        async def token(request: Request) -> JSONResponse:
            form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
            asked = self.grants.pop(form["code"], None)
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if (
                asked is None
                or asked["code_challenge"] != challenge
                or asked["redirect_uri"] != form["redirect_uri"]
                or form.get("client_secret") != SECRET
            ):
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"id_token": self.token(asked["nonce"]), "token_type": "Bearer"})

        return app

    def token(self, nonce: str) -> str:
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "00u1",
            "iat": int(self.now_s),
            "exp": int(self.now_s) + 300,
            "nonce": nonce,
            **self.claims,
            **self.changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return str(jwt.encode(header, claims, self.key, algorithms=[self.algorithm]))


@contextmanager
def running(provider: IdentityProvider) -> Iterator[IdentityProvider]:
    """Serves it on a port of its own until the block ends."""
    config = uvicorn.Config(provider.app(), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + READY_S
    while not server.started:
        assert time.monotonic() < deadline, "the provider did not start"
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    provider.issuer = f"http://127.0.0.1:{port}"
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(READY_S)
