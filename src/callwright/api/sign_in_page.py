"""The page that a sign-in link opens. The link's secret is in the fragment: no server sees it until
the page sends it, and the page takes it out of the address at once."""

import base64
import hashlib
import re
from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)
PAGE = (files("callwright.api") / "sign_in.html").read_text(encoding="utf-8")


def _only(tag: str) -> str:
    """The hash by which a browser knows the one inline part that may be used (CSP 3 §6.7.3)."""
    (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_only('script')}; style-src {_only('style')}; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@router.get("/sign-in")
async def get_sign_in_page() -> HTMLResponse:
    """Signs in by link or by password."""
    return HTMLResponse(PAGE, headers=HEADERS)
