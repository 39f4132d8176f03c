//! The users' phones, all behind one address: they register, answer at once and are hung up on.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::call::Call;
use crate::carrier::NUMBER_PREFIX;
use crate::digest::Login;
use crate::sip::{self, Message};

const AGAIN: Duration = Duration::from_millis(500);

/// A socket and who has registered on it.
pub struct Phones {
    socket: UdpSocket,
    here: SocketAddr,
    target: SocketAddr,
    domain: String,
    run: u32,
    is_registered: Vec<bool>,
    try_at: Instant,
    attempt: u32,
    /// Calls that a phone was offered, and whose; whoever is interested takes them out.
    pub offers: Vec<(usize, usize)>,
}

impl Phones {
    /// Nobody is registered yet.
    pub fn new(
        socket: UdpSocket,
        target: SocketAddr,
        domain: &str,
        users: usize,
        run: u32,
    ) -> std::io::Result<Self> {
        Ok(Self {
            here: socket.local_addr()?,
            socket,
            target,
            domain: domain.into(),
            run,
            is_registered: vec![false; users],
            try_at: Instant::now(),
            attempt: 0,
            offers: Vec::new(),
        })
    }

    /// How many phones the server knows.
    pub fn registered(&self) -> usize {
        self.is_registered.iter().filter(|is| **is).count()
    }

    /// Sends REGISTER for whoever is not yet registered, every half second.
    pub fn register_missing(&mut self, now: Instant) {
        if now < self.try_at {
            return;
        }
        self.try_at = now + AGAIN;
        self.attempt += 1;
        for user in (0..self.is_registered.len()).filter(|user| !self.is_registered[*user]) {
            self.register(user, 2 * self.attempt - 1, "");
        }
    }

    fn register(&self, user: usize, cseq: u32, authorization: &str) {
        let (here, run, domain) = (self.here, self.run, &self.domain);
        let text = format!(
            "REGISTER sip:{domain} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{run}r{user}-{cseq};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:u{user:02}@{domain}>;tag=r{user}\r\nTo: <sip:u{user:02}@{domain}>\r\n\
             Call-ID: r{user}-{run}@{ip}\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:u{user:02}@{here}>\r\n\
             Expires: 3600\r\n{authorization}",
            ip = here.ip(),
        );
        let _ = self.socket.send_to(&sip::finished(text, "", ""), self.target);
    }

    /// Whatever came to the phones' port, from whom.
    pub fn receive(
        &mut self,
        message: &Message,
        from: SocketAddr,
        calls: &mut [Call],
        now: Instant,
    ) {
        match message.status() {
            Some(status) if message.method() == "REGISTER" => {
                self.register_answered(status, message)
            }
            Some(_) => {}
            None => self.asked(message, from, calls, now),
        }
    }

    fn register_answered(&mut self, status: u16, answer: &Message) {
        let to = sip::user(sip::uri(answer.header("To").unwrap_or("")));
        let Some(user) = user_of(to) else {
            return;
        };
        let cseq =
            answer.header("CSeq").and_then(|value| value.split(' ').next()?.parse::<u32>().ok());
        match (status, cseq) {
            (200, _) if user < self.is_registered.len() => self.is_registered[user] = true,
            (401, Some(cseq)) if cseq % 2 == 1 => {
                let (name, password) = (format!("u{user:02}"), format!("bench-secret-{user:02}"));
                let uri = format!("sip:{}", self.domain);
                let login =
                    Login { user: &name, password: &password, method: "REGISTER", uri: &uri };
                if let Some(value) =
                    answer.all("WWW-Authenticate").find_map(|value| login.answer(value))
                {
                    self.register(user, cseq + 1, &format!("Authorization: {value}\r\n"));
                }
            }
            _ => {}
        }
    }

    fn asked(&mut self, request: &Message, from: SocketAddr, calls: &mut [Call], now: Instant) {
        let caller = sip::user(sip::uri(request.header("From").unwrap_or("")));
        let number = number_of(caller).or_else(|| self.number_called(request));
        match (request.method(), number.and_then(|number| calls.get_mut(number))) {
            ("INVITE", Some(call)) => {
                let user = user_of(sip::user(request.target()));
                if let (Some(number), Some(user), None) = (number, user, call.offered_at) {
                    call.offered_at = Some(now);
                    self.offers.push((number, user));
                }
                self.answer(request, from, call, now);
            }
            ("INVITE", None) => self.send(&request.response("404 Not Found", "p", "", ""), from),
            ("ACK", Some(call)) => {
                call.phone_pending.clear();
                call.phone_acked_at.get_or_insert(now);
            }
            ("ACK", None) => {}
            (method, call) => {
                self.send(&request.response("200 OK", "p", "", ""), from);
                if let Some(call) = call.filter(|_| method == "BYE") {
                    call.phone_pending.clear();
                    call.phone_ended = true;
                }
            }
        }
    }

    /// Of a call that a user makes the called number tells which it is; later requests go to our
    /// Contact, which repeats it.
    fn number_called(&self, request: &Message) -> Option<usize> {
        number_of(sip::user(request.target()))
    }

    fn answer(&self, invite: &Message, from: SocketAddr, call: &mut Call, now: Instant) {
        if call.phone_pending.message().is_empty() || call.phone_acked_at.is_some() {
            let audio = call.streams.as_ref().and_then(|[_, phone]| phone.address().ok());
            let body = sip::sdp(audio.unwrap_or(SocketAddr::new(self.here.ip(), 29_996)));
            let called = sip::user(invite.target());
            let contact = format!("Contact: <sip:{called}@{}>\r\n", self.here);
            if number_of(called).is_some() {
                self.send(&invite.response("180 Ringing", "p", &contact, ""), from);
            }
            call.phone_pending.set(invite.response("200 OK", "p", &contact, &body), now);
            if let Some([_, stream]) = &mut call.streams {
                stream.peer = invite.audio();
            }
        }
        self.send(call.phone_pending.message(), from);
    }

    /// Sends an answer again that was not acknowledged.
    pub fn retry(&self, call: &mut Call, now: Instant) {
        if let Some(message) = call.phone_pending.due(now) {
            self.send(message, self.target);
        }
        if call.phone_pending.is_hopeless(now) {
            call.phone_pending.clear();
        }
    }

    fn send(&self, message: &[u8], to: SocketAddr) {
        let _ = self.socket.send_to(message, to);
    }
}

/// Whose phone it is: `u07` is user 7.
fn user_of(name: &str) -> Option<usize> {
    name.strip_prefix('u')?.parse().ok()
}

/// Which call it is that this number stands for.
fn number_of(user: &str) -> Option<usize> {
    user.strip_prefix(NUMBER_PREFIX)?.parse().ok()
}
