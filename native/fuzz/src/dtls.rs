//! DTLS: two of us shake hands over a network that drops, repeats and changes what it carries, and
//! a stranger joins in.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use media_secure::certificate::Certificate;
use media_secure::dtls::{Dtls, State};

use crate::input::{Input, framed};

/// A handshake is expensive: a few steps must do.
const STEPS_MAX: usize = 24;

/// Each step: what happens to the next datagram.
pub fn run(data: &[u8]) {
    static CERTIFICATES: OnceLock<[Certificate; 2]> = OnceLock::new();
    let [one, other] =
        CERTIFICATES.get_or_init(|| [Certificate::generate(), Certificate::generate()]);
    let mut input = Input(data);
    let expects_another = input.byte() == 0xff;
    let expected = if expects_another { "00:11".into() } else { other.fingerprint().to_string() };
    let mut now = Instant::now();
    let mut ends =
        [Dtls::new(one, true, &expected, now), Dtls::new(other, false, one.fingerprint(), now)];
    ends[0].start(now);
    let mut is_untouched = true;
    for _ in 0..STEPS_MAX {
        if input.is_over() {
            break;
        }
        let what = input.byte();
        let from = usize::from(what & 1);
        let to = 1 - from;
        match what >> 1 & 7 {
            0 => {
                is_untouched = false;
                let datagram = input.datagram();
                ends[to].receive(datagram, now);
            }
            1 => {
                now += Duration::from_millis(u64::from(input.byte()) * 20);
                ends.iter_mut().for_each(|end| end.tick(now));
            }
            step => {
                let Some(mut datagram) = ends[from].take_datagram() else { continue };
                if step == 2 {
                    is_untouched = false;
                    let place = usize::from(input.word()) % datagram.len().max(1);
                    datagram[place] ^= input.byte().max(1);
                }
                if step != 3 {
                    ends[to].receive(&datagram, now);
                }
                if step == 4 {
                    ends[to].receive(&datagram, now);
                }
            }
        }
    }
    check(&ends, expects_another, is_untouched);
}

fn check(ends: &[Dtls; 2], expects_another: bool, is_untouched: bool) {
    if expects_another {
        let is_fooled = matches!(ends[0].state(), State::Established { .. });
        assert!(!is_fooled, "somebody else's certificate was believed");
    }
    if let [
        State::Established { local_key: sends, remote_key: hears, .. },
        State::Established { local_key, remote_key, .. },
    ] = [ends[0].state(), ends[1].state()]
    {
        assert!(sends == remote_key && hears == local_key, "the two agreed on different keys");
    }
    if is_untouched && !expects_another {
        for end in ends {
            assert!(
                !matches!(end.state(), State::Failed(why) if *why != TOO_LATE),
                "{:?}",
                end.state()
            );
        }
    }
}

const TOO_LATE: &str = "the peer did not answer";

/// A handshake that succeeds, one with losses, and one with a stranger in it.
pub fn seeds() -> Vec<Vec<u8>> {
    let whole: Vec<u8> = [10, 11, 10, 11, 10, 11].repeat(4);
    let lossy: Vec<u8> = [10, 7, 2, 50, 11, 10, 6, 3, 30, 10, 11].repeat(3);
    let mut changed = vec![0, 10, 11, 4, 0, 30, 1, 10, 11];
    changed.extend(framed(&[0], &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 4, 1, 0, 0, 0]));
    let with = |head: u8, story: &[u8]| [&[head], story].concat();
    vec![with(0, &whole), with(0xff, &whole), with(0, &lossy), changed]
}
