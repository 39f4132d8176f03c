//! What shall be played: a line for each phone, its words in this order.
//!
//! | word | |
//! |---|---|
//! | local port | of 127.0.0.1; phones may share one as long as their remote ports differ |
//! | remote port | where packets go, and where they have to come from |
//! | codec/clock | such as `PCMU/8000` |
//! | payload type | |
//! | what it sends | `stamp`: numbered and timed (G.711 only), `tone`, `bursts`: tone on and off, `silence`, `nothing` |
//! | whom it hears | line number of the phone, counted from 0; or `-` |
//! | what it expects | `stamp`: exactly what that one sent, `bursts`, `sound`, `anything`, `nothing` |
//! | protection | `plain`, or `PROFILE:KEY:KEY`: what it sends and hears with, as hex digits |

use media_audio::codec::{self, Codec};
use media_secure::srtp::{Incoming, Outgoing, Profile};

/// A phone as planned.
pub struct Plan {
    pub local_port: u16,
    pub remote_port: u16,
    pub codec: &'static Codec,
    pub payload_type: u8,
    pub sends: Sends,
    pub hears: Option<usize>,
    pub expects: Expects,
    pub keys: Option<(Outgoing, Incoming)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sends {
    Stamp,
    Tone,
    Bursts,
    Silence,
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    Stamp,
    Bursts,
    Sound,
    Anything,
    Nothing,
}

/// Reads all lines.
pub fn read(text: &str) -> Result<Vec<Plan>, String> {
    let plans: Vec<Plan> = text
        .lines()
        .enumerate()
        .map(|(number, line)| phone(line).ok_or(format!("line {}: {line}", number + 1)))
        .collect::<Result<_, _>>()?;
    if plans.iter().any(|plan| plan.hears.is_some_and(|other| other >= plans.len())) {
        return Err("a phone hears one that is not there".into());
    }
    Ok(plans)
}

fn phone(line: &str) -> Option<Plan> {
    let words: Vec<&str> = line.split(' ').collect();
    let &[local, remote, codec, payload_type, sends, hears, expects, protection] = words.as_slice()
    else {
        return None;
    };
    let (name, clock) = codec.split_once('/')?;
    Some(Plan {
        local_port: local.parse().ok()?,
        remote_port: remote.parse().ok()?,
        codec: codec::find(name, clock.parse().ok()?)?,
        payload_type: payload_type.parse().ok()?,
        sends: sends_of(sends)?,
        hears: if hears == "-" { None } else { Some(hears.parse().ok()?) },
        expects: expects_of(expects)?,
        keys: if protection == "plain" { None } else { Some(keys_of(protection)?) },
    })
}

fn sends_of(word: &str) -> Option<Sends> {
    Some(match word {
        "stamp" => Sends::Stamp,
        "tone" => Sends::Tone,
        "bursts" => Sends::Bursts,
        "silence" => Sends::Silence,
        "nothing" => Sends::Nothing,
        _ => return None,
    })
}

fn expects_of(word: &str) -> Option<Expects> {
    Some(match word {
        "stamp" => Expects::Stamp,
        "bursts" => Expects::Bursts,
        "sound" => Expects::Sound,
        "anything" => Expects::Anything,
        "nothing" => Expects::Nothing,
        _ => return None,
    })
}

fn keys_of(word: &str) -> Option<(Outgoing, Incoming)> {
    let mut parts = word.split(':');
    let profile = Profile::named(parts.next()?)?;
    let outgoing = Outgoing::new(profile, &octets(parts.next()?)?)?;
    Some((outgoing, Incoming::new(profile, &octets(parts.next()?)?)?))
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_mistakes_named() {
        let keys = format!("AES_CM_128_HMAC_SHA1_80:{}:{}", "0a".repeat(30), "0b".repeat(30));
        let text = format!(
            "40000 20000 PCMU/8000 0 stamp 1 stamp plain\n40002 20002 opus/48000 111 tone - sound {keys}"
        );
        let plans = read(&text).unwrap();
        assert_eq!((plans.len(), plans[0].hears, plans[1].payload_type), (2, Some(1), 111));
        assert!(plans[1].keys.is_some());
        for wrong in [
            "40000 20000 PCMU/8000 0 stamp 3 stamp plain",
            "40000 20000 GSM/8000 3 stamp - stamp plain",
            "40000 20000 PCMU/8000 0 stamp - stamp AES:00:00",
            "",
        ] {
            assert!(read(&format!("{wrong}\n")).is_err(), "{wrong}");
        }
    }
}
