"""Offers as they come: of browsers, desk phones and a carrier's SBC.

Chromium's was written down from release 144 (candidates shortened); the others follow what the
makers' guides and captures of their phones show.
"""

FINGERPRINT = (
    "E0:6A:F4:8C:B7:7C:72:6A:BC:05:36:87:39:21:0F:42"
    ":02:7C:87:AE:3F:94:1C:65:09:6F:51:84:EA:8A:72:DE"
)
UFRAG, PASSWORD = "W3lk", "M+cAFHU9SM8Xz+UV91nyovqz"
KEY_80 = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
KEY_GCM_256 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis="


def _body(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode()


def _browser(
    *, address: str, port: int, options: tuple[str, ...], candidates: tuple[str, ...]
) -> bytes:
    return _body(
        "v=0",
        "o=- 2104914961862936669 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS ce1966c1-0279-47d7-aa3e-124cbbf0a71e",
        f"m=audio {port} UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
        f"c=IN IP4 {address}",
        f"a=rtcp:9 IN IP4 {address}",
        *candidates,
        f"a=ice-ufrag:{UFRAG}",
        f"a=ice-pwd:{PASSWORD}",
        *options,
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        "a=setup:actpass",
        "a=mid:0",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=sendrecv",
        "a=msid:ce1966c1-0279-47d7-aa3e-124cbbf0a71e 26756d86-11f3-44e5-bca0-54e0d2aaf22e",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 transport-cc",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:13 CN/8000",
        "a=rtpmap:110 telephone-event/48000",
        "a=rtpmap:126 telephone-event/8000",
        "a=ssrc:1002614083 cname:ko7BwaaqcF9Dykxp",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=ice-ufrag:{UFRAG}",
        f"a=ice-pwd:{PASSWORD}",
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        "a=setup:actpass",
        "a=mid:1",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack pli",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
    )


JSSIP_IN_CHROMIUM = _browser(
    address="192.0.2.44",
    port=51_311,
    options=("a=ice-options:trickle",),
    candidates=(
        "a=candidate:2384463348 1 udp 2113937151 40b22a3b-5bc7-4238-8d5a-30dab4b57fcd.local 56927 "
        "typ host generation 0 network-cost 999",
        "a=candidate:842163049 1 udp 1677729535 192.0.2.44 51311 typ srflx raddr 0.0.0.0 rport 0",
    ),
)
"""JsSIP waits for the candidates; the default one stands in c= and m=."""

SIP_JS_TRICKLING = _browser(
    address="0.0.0.0", port=9, options=("a=ice-options:trickle",), candidates=()
)
"""SIP.js may send before there is a candidate."""

OLD_BROWSER = JSSIP_IN_CHROMIUM.replace(b"UDP/TLS/RTP/SAVPF", b"RTP/SAVPF")
"""The profile's name before RFC 5764 was followed."""

FIREFOX_STYLE = _body(
    "v=0",
    "o=mozilla...THIS_IS_SDPARTA-99.0 5135421 0 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    "a=sendrecv",
    f"a=fingerprint:sha-256 {FINGERPRINT.lower()}",
    "a=group:BUNDLE 0",
    "a=ice-options:trickle",
    "a=msid-semantic:WMS *",
    "m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101",
    "c=IN IP4 0.0.0.0",
    "a=sendrecv",
    "a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1",
    "a=fmtp:101 0-15",
    f"a=ice-pwd:{PASSWORD}",
    f"a=ice-ufrag:{UFRAG}",
    "a=mid:0",
    "a=rtcp-mux",
    "a=rtpmap:109 opus/48000/2",
    "a=rtpmap:9 G722/8000/1",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000/1",
    "a=setup:actpass",
)
"""Certificate of the whole session, and telephone-events with one clock only."""


def _desk_phone(*media: str, ip: str = "192.0.2.10") -> bytes:
    return _body("v=0", f"o=- 1 1 IN IP4 {ip}", "s=SIP Call", f"c=IN IP4 {ip}", "t=0 0", *media)


SNOM = _desk_phone(
    "m=audio 56782 RTP/SAVP 9 8 0 18 101",
    f"a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{KEY_80}",
    "a=rtpmap:9 G722/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:18 G729/8000",
    "a=fmtp:18 annexb=no",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=ptime:20",
    "a=sendrecv",
)
"""Mandatory SRTP; the shorter tag is its own choice."""

YEALINK = _desk_phone(
    "m=audio 11780 RTP/SAVP 9 0 8 101",
    f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY_80}",
    f"a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{KEY_80}",
    f"a=crypto:3 F8_128_HMAC_SHA1_80 inline:{KEY_80}",
    "a=rtpmap:9 G722/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=ptime:20",
    "a=sendrecv",
    "m=audio 11780 RTP/AVP 9 0 8 101",
    "a=rtpmap:9 G722/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=sendrecv",
)
"""Optional SRTP as two streams of one port."""

POLYCOM = _desk_phone(
    "m=audio 2226 RTP/SAVP 9 0 8 127",
    f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY_80}|2^31|1:4",
    f"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:{KEY_80}|2^31 UNAUTHENTICATED_SRTP",
    f"a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{KEY_80}|2^31",
    "a=rtpmap:9 G722/8000",
    "a=rtpmap:127 telephone-event/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
)
"""Lines with an MKI and without authentication, then one that can be used."""

OPPORTUNISTIC = _desk_phone(
    "m=audio 7078 RTP/AVP 96 0 101",
    f"a=crypto:7 AEAD_AES_256_GCM inline:{KEY_GCM_256}|2^48",
    "a=rtpmap:96 opus/48000/2",
    "a=fmtp:96 useinbandfec=1",
    "a=rtpmap:101 telephone-event/48000",
)
"""Linphone's way: a plain profile with keys (RFC 8643), numbers of its own."""

CARRIER_SBC = _body(
    "v=0",
    "o=- 94854 0 IN IP4 203.0.113.99",
    "s=session",
    "c=IN IP4 203.0.113.99",
    "b=CT:10000000",
    "t=0 0",
    "m=audio 53118 RTP/SAVP 8 0 13 101",
    "c=IN IP4 203.0.113.99",
    "a=rtcp:53119",
    "a=ice-lite",
    f"a=ice-ufrag:{UFRAG}",
    f"a=ice-pwd:{PASSWORD}",
    "a=candidate:1 1 UDP 2130706431 203.0.113.99 53118 typ host",
    "a=candidate:1 2 UDP 2130705918 203.0.113.99 53119 typ host",
    "a=label:main-audio",
    "a=mid:1",
    f"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:{KEY_80}|2^31",
    "a=sendrecv",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:13 CN/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-16",
    "a=ptime:20",
)
"""As the SBC of a cloud service offers (SPEC 2.4): SDES with ICE lite, and comfort noise."""
