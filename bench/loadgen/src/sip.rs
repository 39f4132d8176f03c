//! As much of SIP's text as two polite ends need (RFC 3261 §7).

use std::fmt::Write;
use std::net::SocketAddr;

/// A received message, borrowed from its datagram.
pub struct Message<'a> {
    start: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    /// SDP, or nothing.
    pub body: &'a str,
}

impl<'a> Message<'a> {
    /// None for what is not SIP; keep-alives are not.
    pub fn parse(datagram: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(datagram).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let start = lines.next().filter(|line| line.contains("SIP/2.0"))?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (long_name(name.trim()), value.trim()))
            .collect();
        Some(Self { start, headers, body })
    }

    /// The status of a response; None for a request.
    pub fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method, of a request and of the request that a response answers.
    pub fn method(&self) -> &'a str {
        let from_cseq = || self.header("CSeq").and_then(|value| value.split_whitespace().nth(1));
        match self.status() {
            Some(_) => from_cseq().unwrap_or(""),
            None => self.start.split(' ').next().unwrap_or(""),
        }
    }

    /// The Request-URI; the status of a response.
    pub fn target(&self) -> &'a str {
        self.start.split(' ').nth(1).unwrap_or("")
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Every header of that name, in order.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        let is_it = move |(key, _): &&(&str, &str)| key.eq_ignore_ascii_case(name);
        self.headers.iter().filter(is_it).map(|(_, value)| *value)
    }

    /// A response to this request; `tag` goes into To when it has none.
    pub fn response(&self, status: &str, tag: &str, more: &str, body: &str) -> Vec<u8> {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for name in ["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"] {
            for value in self.all(name) {
                let is_untagged = name == "To" && !value.contains(";tag=");
                let suffix = if is_untagged { format!(";tag={tag}") } else { String::new() };
                let _ = write!(text, "{name}: {value}{suffix}\r\n");
            }
        }
        finished(text, more, body)
    }

    /// Record-Route as the caller's route set: reversed (RFC 3261 §12.1.2).
    pub fn route_of_caller(&self) -> String {
        let mut routes: Vec<_> = self.all("Record-Route").flat_map(|v| v.split(',')).collect();
        routes.reverse();
        routes.iter().map(|route| format!("Route: {}\r\n", route.trim())).collect()
    }

    /// Address and port of the audio that SDP offers.
    pub fn audio(&self) -> Option<SocketAddr> {
        let line =
            |prefix: &str| self.body.lines().find_map(|line| line.trim().strip_prefix(prefix));
        let ip = line("c=IN IP4 ")?.parse().ok()?;
        let port = line("m=audio ")?.split(' ').next()?.parse().ok()?;
        Some(SocketAddr::new(ip, port))
    }
}

/// Adds what every message ends with.
pub fn finished(mut text: String, more: &str, body: &str) -> Vec<u8> {
    text.push_str(more);
    if !body.is_empty() {
        text.push_str("Content-Type: application/sdp\r\n");
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n{body}", body.len());
    text.into_bytes()
}

/// The URI of a From, To or Contact, without its parameters.
pub fn uri(value: &str) -> &str {
    let inner = value.split_once('<').map_or(value, |(_, rest)| rest);
    inner.split(['>', ';']).next().unwrap_or(inner).trim()
}

/// The part before the at sign.
pub fn user(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    rest.split('@').next().unwrap_or(rest)
}

/// G.711 µ-law and keys, at this address.
pub fn sdp(audio: SocketAddr) -> String {
    let (ip, port) = (audio.ip(), audio.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}

fn long_name(name: &str) -> &str {
    match name {
        "v" | "V" => "Via",
        "f" | "F" => "From",
        "t" | "T" => "To",
        "i" | "I" => "Call-ID",
        "m" | "M" => "Contact",
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_keeps_what_identifies_the_call_and_tags_to() {
        let request = b"INVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP x;branch=z9\r\nFrom: <sip:+12060000007@c>;tag=1\r\n\
            To: <sip:a@b>\r\nCall-ID: q\r\nCSeq: 1 INVITE\r\n\r\n";
        let parsed = Message::parse(request).unwrap();
        assert_eq!(user(uri(parsed.header("from").unwrap())), "+12060000007");
        let answer = parsed.response("200 OK", "p7", "", "");
        let answer = Message::parse(&answer).unwrap();
        assert_eq!(answer.status(), Some(200));
        assert_eq!(answer.method(), "INVITE");
        assert_eq!(answer.header("To"), Some("<sip:a@b>;tag=p7"));
        assert_eq!(answer.header("Via"), Some("SIP/2.0/UDP x;branch=z9"));
    }

    #[test]
    fn sdp_says_where_the_audio_is() {
        let audio: SocketAddr = "127.0.0.1:30002".parse().unwrap();
        let message = finished("SIP/2.0 200 OK\r\n".into(), "", &sdp(audio));
        assert_eq!(Message::parse(&message).unwrap().audio(), Some(audio));
    }

    #[test]
    fn keep_alives_are_no_messages() {
        assert!(Message::parse(b"\r\n\r\n").is_none());
    }
}
