//! The carrier's end: places calls from one address, and hangs them up.

use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;

use crate::call::{Call, Failure, Stage};
use crate::sip::{self, Message};

/// The calling number of call 7 is +12060000007, by which the phone's end knows the call.
pub const CALLER_PREFIX: &str = "+1206";
const DID_PREFIX: &str = "+1425555";
const FIRST_DID: usize = 100;

/// A socket and how it names its calls.
pub struct Carrier {
    socket: UdpSocket,
    here: SocketAddr,
    target: SocketAddr,
    run: u32,
}

impl Carrier {
    /// `run` keeps the Call-IDs of two runs apart.
    pub fn new(socket: UdpSocket, target: SocketAddr, run: u32) -> std::io::Result<Self> {
        Ok(Self { here: socket.local_addr()?, socket, target, run })
    }

    /// INVITE to the number of user `user`.
    pub fn place(&self, number: usize, user: usize, call: &mut Call, now: Instant) {
        let did = FIRST_DID + user;
        let uri = format!("sip:{DID_PREFIX}{did:04}@{}", self.target);
        let audio = call.streams.as_ref().and_then(|[carrier, _]| carrier.address().ok());
        let body = sip::sdp(audio.unwrap_or(self.silence()));
        call.carrier.target.clone_from(&uri);
        call.carrier.to = format!("<{uri}>");
        let invite = self.request("INVITE", 1, "i", number, call, &body);
        self.send(&invite);
        call.carrier_pending.set(invite, now);
    }

    /// BYE.
    pub fn hang_up(&self, number: usize, call: &mut Call, now: Instant) {
        let bye = self.request("BYE", 2, "b", number, call, "");
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
        if status < 200 {
            return;
        }
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
        let branch = if status < 300 { "a" } else { "i" };
        self.send(&self.request("ACK", 1, branch, number, call, ""));
        if call.stage == Stage::Calling {
            if status < 300 {
                call.setup = Some(now - call.placed_at);
                call.answered_at = Some(now);
                call.stage = Stage::Answered;
            } else {
                call.stage = Stage::Failed(Failure::Status(status));
            }
        }
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
             From: <sip:{CALLER_PREFIX}{number:07}@{here}>;tag=c{number}\r\nTo: {to}\r\n\
             Call-ID: {number}-{run}@{ip}\r\nCSeq: {cseq} {method}\r\nContact: <sip:carrier@{here}>\r\n",
            target = call.carrier.target,
            route = call.carrier.route,
            to = call.carrier.to,
            ip = here.ip(),
        );
        sip::finished(text, "", body)
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
