//! The end that calls, from one address, and hangs up: a carrier, or users who log in.

use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;

use crate::call::{Call, Failure, Stage};
use crate::digest::Login;
use crate::sip::{self, Message};

/// +12060000007 is what a carrier calls from in call 7, and what a user calls; by it the end that
/// answers knows the call.
pub const NUMBER_PREFIX: &str = "+1206";
const DID_PREFIX: &str = "+1425555";
const FIRST_DID: usize = 100;

/// The number of a user.
pub fn did(user: usize) -> String {
    format!("{DID_PREFIX}{:04}", FIRST_DID + user)
}

/// A socket and how it names its calls.
pub struct Carrier {
    socket: UdpSocket,
    here: SocketAddr,
    target: SocketAddr,
    run: u32,
    login: Option<String>,
}

impl Carrier {
    /// `run` keeps the Call-IDs of two runs apart; `login` is the domain of the users who call,
    /// None: a carrier does.
    pub fn new(
        socket: UdpSocket,
        target: SocketAddr,
        run: u32,
        login: Option<String>,
    ) -> std::io::Result<Self> {
        Ok(Self { here: socket.local_addr()?, socket, target, run, login })
    }

    /// INVITE to `called`, or from user `user` to a number of call `number`.
    pub fn place(&self, number: usize, user: usize, called: &str, call: &mut Call, now: Instant) {
        let uri = match &self.login {
            None => format!("sip:{called}@{}", self.target),
            Some(domain) => format!("sip:{NUMBER_PREFIX}{number:07}@{domain}"),
        };
        call.carrier.from = match &self.login {
            None => format!("<sip:{NUMBER_PREFIX}{number:07}@{}>", self.here),
            Some(domain) => format!("<sip:u{user:02}@{domain}>"),
        };
        let audio = call.streams.as_ref().and_then(|[carrier, _]| carrier.address().ok());
        let body = sip::sdp(audio.unwrap_or(self.silence()));
        call.carrier.target.clone_from(&uri);
        call.carrier.to = format!("<{uri}>");
        let invite = self.request("INVITE", 1, "i1", number, call, &body);
        self.send(&invite);
        call.carrier_pending.set(invite, now);
    }

    /// BYE.
    pub fn hang_up(&self, number: usize, call: &mut Call, now: Instant) {
        let bye = self.request("BYE", 3, "b", number, call, "");
        self.send(&bye);
        call.carrier_pending.set(bye, now);
        call.stage = Stage::HangingUp;
    }

    /// Whatever came to the carrier's port.
    pub fn receive(&self, message: &Message, calls: &mut [Call], now: Instant) {
        let id = message.header("Call-ID").unwrap_or("");
        let number = id.split('-').next().and_then(|text| text.parse::<usize>().ok());
        let is_ours = id.split(['-', '@']).nth(1) == Some(&self.run.to_string());
        let call = number.filter(|_| is_ours).and_then(|number| calls.get_mut(number));
        match (message.status(), call) {
            (Some(status), Some(call)) => {
                let number = number.unwrap_or_default();
                match message.method() {
                    "INVITE" => self.answered(status, message, number, call, now),
                    "BYE" if call.stage == Stage::HangingUp => {
                        call.carrier_pending.clear();
                        call.stage = if status == 200 {
                            Stage::Done
                        } else {
                            Stage::Failed(Failure::Status(status))
                        };
                    }
                    _ => {}
                }
            }
            (None, call) => self.asked(message, call),
            (Some(_), None) => {}
        }
    }

    /// Sends again what nobody reacted to.
    pub fn retry(&self, call: &mut Call, now: Instant) {
        if let Some(message) = call.carrier_pending.due(now) {
            self.send(message);
        }
        if call.carrier_pending.is_hopeless(now) {
            call.carrier_pending.clear();
            call.stage = Stage::Failed(Failure::NoAnswer);
        }
    }

    fn answered(
        &self,
        status: u16,
        answer: &Message,
        number: usize,
        call: &mut Call,
        now: Instant,
    ) {
        if call.stage == Stage::Calling {
            call.carrier_pending.clear();
        }
        if status > 100 && status < 300 {
            call.setup.get_or_insert(now - call.placed_at);
        }
        if status < 200 {
            return;
        }
        let untagged = call.carrier.to.clone();
        if let Some(to) = answer.header("To") {
            call.carrier.to = to.into();
        }
        if status < 300 {
            call.carrier.route = answer.route_of_caller();
            if let Some(contact) = answer.header("Contact") {
                call.carrier.target = sip::uri(contact).into();
            }
            if let Some([stream, _]) = &mut call.streams {
                stream.peer = answer.audio();
            }
        }
        // The ACK of a refusal belongs to the INVITE's transaction (RFC 3261 §17.1.1.3).
        let sent = format!("i{}", call.invites);
        let branch = if status < 300 { "a" } else { &sent };
        self.send(&self.request("ACK", call.invites, branch, number, call, ""));
        if status == 401 && call.invites == 1 && self.login.is_some() {
            call.carrier.to = untagged;
            self.prove(answer, number, call, now);
        } else if call.stage == Stage::Calling {
            if status < 300 {
                call.answered_at = Some(now);
                call.stage = Stage::Answered;
            } else {
                call.stage = Stage::Failed(Failure::Status(status));
            }
        }
    }

    /// The INVITE once more, with the proof that was asked for.
    fn prove(&self, challenge: &Message, number: usize, call: &mut Call, now: Instant) {
        let name = sip::user(sip::uri(&call.carrier.from)).to_owned();
        let password = format!("bench-secret-{}", &name[1..]);
        let uri = call.carrier.target.clone();
        let login = Login { user: &name, password: &password, method: "INVITE", uri: &uri };
        let proof = challenge.all("WWW-Authenticate").find_map(|value| login.answer(value));
        let Some(proof) = proof else {
            call.stage = Stage::Failed(Failure::Status(401));
            return;
        };
        call.invites = 2;
        call.carrier.proof = format!("Authorization: {proof}\r\n");
        let body = sip::sdp(self.silence());
        let invite = self.request("INVITE", 2, "i2", number, call, &body);
        self.send(&invite);
        call.carrier_pending.set(invite, now);
    }

    fn asked(&self, request: &Message, call: Option<&mut Call>) {
        if request.method() == "ACK" {
            return;
        }
        let audio = call.as_ref().and_then(|call| call.streams.as_ref()?[0].address().ok());
        let body = match request.method() {
            "INVITE" => sip::sdp(audio.unwrap_or(self.silence())),
            _ => String::new(),
        };
        let contact = format!("Contact: <sip:carrier@{}>\r\n", self.here);
        self.send(&request.response("200 OK", "carrier", &contact, &body));
        if let Some(call) = call.filter(|call| request.method() == "BYE" && !call.is_over()) {
            call.carrier_pending.clear();
            call.stage = Stage::Failed(Failure::Dropped);
        }
    }

    fn request(
        &self,
        method: &str,
        cseq: u32,
        branch: &str,
        number: usize,
        call: &Call,
        body: &str,
    ) -> Vec<u8> {
        let (here, run) = (self.here, self.run);
        let text = format!(
            "{method} {target} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {here};branch=z9hG4bK{run}-{number}-{branch};rport\r\n{route}\
             Max-Forwards: 70\r\n\
             From: {from};tag=c{number}\r\nTo: {to}\r\n\
             Call-ID: {number}-{run}@{ip}\r\nCSeq: {cseq} {method}\r\nContact: <sip:carrier@{here}>\r\n",
            target = call.carrier.target,
            route = call.carrier.route,
            from = call.carrier.from,
            to = call.carrier.to,
            ip = here.ip(),
        );
        let proof = if method == "INVITE" { call.carrier.proof.as_str() } else { "" };
        sip::finished(text, proof, body)
    }

    /// Where a caller without audio claims to have it.
    fn silence(&self) -> SocketAddr {
        SocketAddr::new(self.here.ip(), 29_998)
    }

    fn send(&self, message: &[u8]) {
        // What the socket refuses is lost as on any network; `retry` sends it again.
        let _ = self.socket.send_to(message, self.target);
    }
}
