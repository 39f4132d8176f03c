//! `loadgen register`: many phones, each at an address of its own, that register and refresh.

use std::collections::VecDeque;
use std::io::Error;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::digest::{Algorithm, Login};
use crate::options::{seconds, value};
use crate::report::percentile;
use crate::sip::{self, Message};

/// What `--help` would say.
pub const USAGE: &str = "usage: loadgen register [--OPTION VALUE]...

  --target ADDRESS     the server                        127.0.0.1:5060
  --domain NAME        that the phones register with     bench.test
  --users N            u00, u01, ...                     20
  --phones N           in all; user after user gets one  20
  --rate N             phones that begin each second     500
  --rounds N           the first is challenged; later ones use its nonce again   2
  --algorithm NAME     MD5 or SHA-256                    MD5
  --port N             of every phone, at addresses from 127.1.0.1 on            5060
  --pause SECONDS      after each round                  0";

const GIVE_UP: Duration = Duration::from_secs(32);
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LONGEST_RETRY: Duration = Duration::from_secs(4);
const NAP: Duration = Duration::from_micros(200);
/// Phones that wait for an answer at the same time, each with an open socket.
const OPEN_MAX: usize = 10_000;

/// One run.
pub struct Options {
    target: SocketAddr,
    domain: String,
    users: usize,
    phones: usize,
    rate: f64,
    rounds: u32,
    algorithm: Algorithm,
    pause: Duration,
    port: u16,
}

/// Reads the words after `register`.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut words = words;
    let mut options = Options {
        target: value("127.0.0.1:5060")?,
        domain: "bench.test".into(),
        users: 20,
        phones: 20,
        rate: 500.0,
        rounds: 2,
        algorithm: Algorithm::Md5,
        pause: Duration::ZERO,
        port: 5060,
    };
    while let Some(name) = words.next() {
        let text = words.next().ok_or(format!("{name} needs a value"))?;
        match name.as_str() {
            "--target" => options.target = value(&text)?,
            "--domain" => options.domain = text,
            "--users" => options.users = value::<usize>(&text)?.max(1),
            "--phones" => options.phones = value(&text)?,
            "--rate" => options.rate = value(&text)?,
            "--rounds" => options.rounds = value(&text)?,
            "--algorithm" => options.algorithm = Algorithm::named(&text).ok_or("no such")?,
            "--port" => options.port = value(&text)?,
            "--pause" => options.pause = seconds(&text)?,
            _ => return Err(format!("no option {name}")),
        }
    }
    if options.rate.is_nan() || options.rate <= 0.0 {
        return Err("--rate must be above 0".into());
    }
    Ok(options)
}

/// A registration under way.
struct Attempt {
    phone: usize,
    socket: UdpSocket,
    message: Vec<u8>,
    began: Instant,
    sent: Instant,
    wait: Duration,
    /// Set by a 503: nothing is sent before.
    resume: Option<Instant>,
}

/// What came of one round.
#[derive(Default)]
struct Round {
    ok: usize,
    refused: usize,
    repeated: usize,
    lost: usize,
    times: Vec<Duration>,
}

struct Phones<'a> {
    options: &'a Options,
    run: u32,
    /// By phone: the challenge it goes on with, and how often it was used.
    challenges: Vec<Option<(String, u32)>>,
    cseqs: Vec<u32>,
}

/// Returns whether every phone registered in every round; fails where sockets do.
pub fn run(options: &Options) -> Result<bool, Error> {
    let mut phones = Phones {
        options,
        run: std::process::id(),
        challenges: vec![None; options.phones],
        cseqs: vec![0; options.phones],
    };
    let began = Instant::now();
    let mut rounds = Vec::new();
    for number in 1..=options.rounds {
        println!("{{\"event\": \"round\", \"number\": {number}}}");
        let round = phones.round()?;
        println!("{{\"event\": \"done\", \"number\": {number}, \"calls\": {}}}", round.ok);
        rounds.push(round);
        std::thread::sleep(options.pause);
    }
    let wanted = options.phones * options.rounds as usize;
    let sum = |what: fn(&Round) -> usize| rounds.iter().map(what).sum::<usize>();
    let ok = sum(|round| round.ok);
    let times: Vec<_> = rounds.iter().map(|round| round.times_json()).collect();
    println!(
        "{{\"event\": \"result\", \"mode\": \"register\", \"attempted\": {wanted}, \"ok\": {ok}, \
         \"failed\": {{\"silence\": {}}}, \"refused\": {}, \"repeated\": {}, \"wall_s\": {:.3}, \
         \"rounds\": [{}]}}",
        sum(|round| round.lost),
        sum(|round| round.refused),
        sum(|round| round.repeated),
        began.elapsed().as_secs_f64(),
        times.join(", "),
    );
    Ok(ok == wanted)
}

impl Round {
    fn times_json(&self) -> String {
        let mut sorted = self.times.clone();
        sorted.sort_unstable();
        let at = |share| percentile(&sorted, share);
        format!("{{\"p50\": {}, \"p99\": {}, \"max\": {}}}", at(0.5), at(0.99), at(1.0))
    }
}

impl Phones<'_> {
    fn round(&mut self) -> Result<Round, Error> {
        let mut round = Round::default();
        let mut open: VecDeque<Attempt> = VecDeque::new();
        let start = Instant::now();
        let mut next = 0;
        while next < self.options.phones || !open.is_empty() {
            let due = (start.elapsed().as_secs_f64() * self.options.rate) as usize + 1;
            let mut is_quiet = true;
            while next < due.min(self.options.phones) && open.len() < OPEN_MAX {
                open.push_back(self.begin(next)?);
                next += 1;
                is_quiet = false;
            }
            for _ in 0..open.len() {
                let Some(mut attempt) = open.pop_front() else { break };
                let before = round.ok + round.lost;
                is_quiet &= !self.serve(&mut attempt, &mut round);
                if round.ok + round.lost == before {
                    open.push_back(attempt);
                }
            }
            if is_quiet {
                std::thread::sleep(NAP);
            }
        }
        Ok(round)
    }

    fn begin(&mut self, phone: usize) -> Result<Attempt, Error> {
        let (high, low) = ((phone / 250) as u16, (phone % 250) as u8 + 1);
        let here = Ipv4Addr::new(127, 1 + (high >> 8) as u8, (high & 255) as u8, low);
        let socket = UdpSocket::bind((here, self.options.port))?;
        socket.set_nonblocking(true)?;
        let now = Instant::now();
        let message = self.request(phone, here);
        let _ = socket.send_to(&message, self.options.target);
        let wait = FIRST_RETRY;
        Ok(Attempt { phone, socket, message, began: now, sent: now, wait, resume: None })
    }

    fn request(&mut self, phone: usize, here: Ipv4Addr) -> Vec<u8> {
        let (user, domain, run) = (phone % self.options.users, &self.options.domain, self.run);
        let at = SocketAddr::from((here, self.options.port));
        self.cseqs[phone] += 1;
        let cseq = self.cseqs[phone];
        let uri = format!("sip:{domain}");
        let (name, password) = (format!("u{user:02}"), format!("bench-secret-{user:02}"));
        let login = Login { user: &name, password: &password, method: "REGISTER", uri: &uri };
        let proof = self.challenges[phone].as_mut().and_then(|(challenge, count)| {
            *count += 1;
            login.prove(challenge, self.options.algorithm, *count)
        });
        let proof = proof.map_or(String::new(), |value| format!("Authorization: {value}\r\n"));
        let text = format!(
            "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK{run}p{phone}-{cseq};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{name}@{domain}>;tag=p{phone}\r\nTo: <sip:{name}@{domain}>\r\n\
             Call-ID: {run}-{phone}@{here}\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:{name}@{at}>\r\n\
             User-Agent: Desk Phone 7000\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY\r\nExpires: 3600\r\n{proof}"
        );
        sip::finished(text, "", "")
    }

    /// Whether anything happened.
    fn serve(&mut self, attempt: &mut Attempt, round: &mut Round) -> bool {
        let mut datagram = [0u8; 4096];
        if let Ok(length) = attempt.socket.recv(&mut datagram) {
            if let Some(answer) = Message::parse(&datagram[..length]) {
                self.take(attempt, &answer, round);
            }
            return true;
        }
        let now = Instant::now();
        if let Some(at) = attempt.resume {
            if now >= at {
                attempt.resume = None;
                self.again(attempt);
            }
        } else if now - attempt.sent >= attempt.wait {
            round.repeated += 1;
            attempt.sent = now;
            attempt.wait = (attempt.wait * 2).min(LONGEST_RETRY);
            let _ = attempt.socket.send_to(&attempt.message, self.options.target);
        }
        if now - attempt.began > GIVE_UP {
            round.lost += 1;
        }
        false
    }

    fn take(&mut self, attempt: &mut Attempt, answer: &Message, round: &mut Round) {
        let newest = format!("{} REGISTER", self.cseqs[attempt.phone]);
        if answer.header("CSeq") != Some(newest.as_str()) {
            return;
        }
        match answer.status() {
            Some(200) => {
                round.ok += 1;
                round.times.push(attempt.began.elapsed());
            }
            Some(401) => {
                let wanted = |value: &&str| self.options.algorithm.is_of(value);
                let challenge = answer.all("WWW-Authenticate").find(wanted);
                self.challenges[attempt.phone] = challenge.map(|value| (value.to_owned(), 0));
                self.again(attempt);
            }
            Some(status) if status >= 300 => {
                round.refused += 1;
                let wait = answer.header("Retry-After").and_then(|text| text.parse().ok());
                attempt.resume = Some(Instant::now() + Duration::from_secs(wait.unwrap_or(5)));
            }
            _ => {}
        }
    }

    fn again(&mut self, attempt: &mut Attempt) {
        if let Ok(SocketAddr::V4(here)) = attempt.socket.local_addr() {
            attempt.message = self.request(attempt.phone, *here.ip());
            attempt.sent = Instant::now();
            attempt.wait = FIRST_RETRY;
            let _ = attempt.socket.send_to(&attempt.message, self.options.target);
        }
    }
}
