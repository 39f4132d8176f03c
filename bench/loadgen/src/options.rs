//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

/// What `--help` would say.
pub const USAGE: &str =
    "usage: loadgen signal|digest|media|memory|queue|attendant [--OPTION VALUE]...

  signal   calls at a rate; each is answered, held and hung up by the carrier
  digest   the same by users whose phones are challenged; the carrier rings and answers
  media    calls held together, G.711 both ways, every packet checked
  memory   calls held together in silence
  queue    more callers than agents: each waits, talks to an agent and hangs up
  attendant  each presses a key of the menu, talks to whom it leads, and hangs up

  --target ADDRESS     the server                        127.0.0.1:5060
  --carrier ADDRESS    where the calls come from         127.0.0.1:15080
  --phones ADDRESS     where the users' phones are       127.0.0.1:15090
  --callers ADDRESS    where phones call from, in digest 127.0.0.1:15070
  --domain NAME        that the phones register with     bench.test
  --users N            u00, u01, ...; 0: register none   20
  --number DIGITS      that is called, in queue and attendant   +14255559001
  --calls N            how many in all                   100
  --rate N             calls placed each second          50
  --hold SECONDS       after the answer; of media and memory, after the last answer   1

loadgen register has options of its own; loadgen machine measures the machine's memory";

/// What to do with the calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Each call has its own end.
    Signal,
    /// The same the other way round: users call, and prove who they are.
    Digest,
    /// All calls stand at once and talk.
    Media,
    /// All calls stand at once.
    Memory,
    /// Callers wait for agents.
    Queue,
    /// Callers choose from a menu.
    Attendant,
}

impl Mode {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Signal => "signal",
            Mode::Digest => "digest",
            Mode::Media => "media",
            Mode::Memory => "memory",
            Mode::Queue => "queue",
            Mode::Attendant => "attendant",
        }
    }
}

/// One run.
pub struct Options {
    pub mode: Mode,
    pub target: SocketAddr,
    pub carrier: SocketAddr,
    pub phones: SocketAddr,
    pub callers: SocketAddr,
    pub domain: String,
    pub users: usize,
    /// Of the queue or the attendant.
    pub number: String,
    pub calls: usize,
    pub rate: f64,
    pub hold: Duration,
}

impl Options {
    /// Where the end that calls is, and the end that answers.
    pub fn ends(&self) -> [SocketAddr; 2] {
        match self.mode {
            Mode::Digest => [self.callers, self.carrier],
            _ => [self.carrier, self.phones],
        }
    }

    /// How many phones register.
    pub fn registering(&self) -> usize {
        if self.mode == Mode::Digest { 0 } else { self.users }
    }

    /// Each call ends by itself, some time after its answer.
    pub fn is_signalled(&self) -> bool {
        matches!(self.mode, Mode::Signal | Mode::Digest)
    }

    /// What is called answers by itself, and a phone later.
    pub fn is_service(&self) -> bool {
        matches!(self.mode, Mode::Queue | Mode::Attendant)
    }

    /// Calls carry audio.
    pub fn is_heard(&self) -> bool {
        self.mode == Mode::Media || self.is_service()
    }
}

/// Reads the words after the program's name.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut words = words;
    let mode = match words.next().as_deref() {
        Some("signal") => Mode::Signal,
        Some("digest") => Mode::Digest,
        Some("media") => Mode::Media,
        Some("memory") => Mode::Memory,
        Some("queue") => Mode::Queue,
        Some("attendant") => Mode::Attendant,
        other => return Err(format!("no mode {other:?}")),
    };
    let mut options = Options {
        mode,
        target: value("127.0.0.1:5060")?,
        carrier: value("127.0.0.1:15080")?,
        phones: value("127.0.0.1:15090")?,
        callers: value("127.0.0.1:15070")?,
        domain: "bench.test".into(),
        users: 20,
        number: "+14255559001".into(),
        calls: 100,
        rate: 50.0,
        hold: Duration::from_secs(1),
    };
    while let Some(name) = words.next() {
        let text = words.next().ok_or(format!("{name} needs a value"))?;
        match name.as_str() {
            "--target" => options.target = value(&text)?,
            "--carrier" => options.carrier = value(&text)?,
            "--phones" => options.phones = value(&text)?,
            "--callers" => options.callers = value(&text)?,
            "--domain" => options.domain = text,
            "--users" => options.users = value(&text)?,
            "--number" => options.number = text,
            "--calls" => options.calls = value(&text)?,
            "--rate" => options.rate = value(&text)?,
            "--hold" => options.hold = seconds(&text)?,
            _ => return Err(format!("no option {name}")),
        }
    }
    if options.rate.is_nan() || options.rate <= 0.0 {
        return Err("--rate must be above 0".into());
    }
    Ok(options)
}

/// Reads what an option says.
pub fn value<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("cannot read {text:?}"))
}

/// Reads a time, with a fraction if need be.
pub fn seconds(text: &str) -> Result<Duration, String> {
    Duration::try_from_secs_f64(value(text)?).map_err(|_| format!("cannot wait {text:?} seconds"))
}
