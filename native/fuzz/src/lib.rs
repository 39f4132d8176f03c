//! What strangers may send to the media engine, one module for each kind. A target takes any
//! octets, reads a story from them, and panics when something does not hold that always must.

pub mod codec;
pub mod dtls;
mod input;
pub mod rtcp;
pub mod rtp;
pub mod srtp;
pub mod stun;
pub mod switch;

/// One kind of input.
pub struct Target {
    /// Of the libFuzzer program, and of the folder with what was found.
    pub name: &'static str,
    /// Takes any octets.
    pub run: fn(&[u8]),
    /// Stories that go far, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 7] = [
    Target { name: "rtp", run: rtp::run, seeds: rtp::seeds },
    Target { name: "rtcp", run: rtcp::run, seeds: rtcp::seeds },
    Target { name: "srtp", run: srtp::run, seeds: srtp::seeds },
    Target { name: "stun", run: stun::run, seeds: stun::seeds },
    Target { name: "dtls", run: dtls::run, seeds: dtls::seeds },
    Target { name: "codec", run: codec::run, seeds: codec::seeds },
    Target { name: "switch", run: switch::run, seeds: switch::seeds },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_and_every_start_of_it_holds() {
        for target in &TARGETS {
            for seed in (target.seeds)() {
                for end in [0, 1, 2, seed.len() / 2, seed.len()] {
                    (target.run)(&seed[..end.min(seed.len())]);
                }
            }
        }
    }
}
