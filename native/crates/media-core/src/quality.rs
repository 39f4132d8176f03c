//! How a stream sounds, as the E-model rates it (ITU-T G.107, for wideband G.107.1) from what was
//! measured. Nothing measured, or a codec that the tables do not know: no number.
//!
//! A narrowband codec is rated among telephones, a wideband one among wideband telephones, so that
//! numbers of the two cannot be compared (G.107.1 has one scale for both, on which no narrowband
//! call is better than 3.8).

use crate::reception::Reception;
use crate::reported::Reported;

/// R of a connection without any impairment of ours (G.107 §7.7, G.107.1 §7).
const BASE_R: f64 = 93.2;
const BASE_R_WIDEBAND: f64 = 129.0;

/// What is sent, and how it comes out of the listener's decoder.
#[derive(Clone, Copy, Debug)]
pub struct Sound<'a> {
    /// By its name in SDP, upper case.
    pub codec: &'a str,
    /// Samples per second of the decoded audio.
    pub rate_hz: u32,
    /// Gaps are filled with made-up sound.
    pub is_concealed: bool,
}

/// What happened to it.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    /// Share of packets that were missing when they should have been heard, 0.0 to 1.0.
    pub missing: f64,
    /// BurstR of G.107: 1.0 when loss is random.
    pub burst_ratio: f64,
    /// Mouth to ear, as far as it is known.
    pub delay_ms: Option<f64>,
}

/// The model's opinion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rating {
    /// 0 to 100, delay included where it is known.
    pub r_factor: f64,
    /// MOS of listening, 1.0 to 4.5: delay does not matter (RFC 3611 §4.7.5).
    pub listening: f64,
    /// MOS of a conversation, 1.0 to 4.5; None without a delay.
    pub conversation: Option<f64>,
}

/// What a codec costs at its best, and how well it bears loss.
struct Impairment {
    ie: f64,
    bpl: f64,
    is_wideband: bool,
}

/// ITU-T G.113 Appendix I and IV. Opus is not in it: it is taken for a wideband codec of high rate
/// (as G.722.2 at 23.85 kbit/s). Wideband concealment is taken to be as good as G.711's.
fn impairment(sound: &Sound) -> Option<Impairment> {
    let (ie, is_wideband) = match (sound.codec, sound.rate_hz) {
        ("PCMU" | "PCMA", _) | ("L16", 8_000) => (0.0, false),
        ("L16", _) => (0.0, true),
        ("G722", _) => (13.0, true),
        ("OPUS", _) => (8.0, true),
        _ => return None,
    };
    let bpl = if sound.is_concealed { 25.1 } else { 4.3 };
    Some(Impairment { ie, bpl, is_wideband })
}

/// Rates a stream; None for a codec without values.
pub fn rate(sound: &Sound, path: &Path) -> Option<Rating> {
    let codec = impairment(sound)?;
    let loss = path.missing.clamp(0.0, 1.0) * 100.0;
    let spread = loss / path.burst_ratio.max(1.0) + codec.bpl;
    let equipment = codec.ie + (95.0 - codec.ie) * loss / spread;
    let of_100 = |r: f64| if codec.is_wideband { r / 1.29 } else { r };
    let base = if codec.is_wideband { BASE_R_WIDEBAND } else { BASE_R };
    let listening = base - equipment;
    let heard = path.delay_ms.map(|delay_ms| listening - delay_impairment(delay_ms));
    Some(Rating {
        r_factor: of_100(heard.unwrap_or(listening)).clamp(0.0, 100.0),
        listening: mos(of_100(listening)),
        conversation: heard.map(|r| mos(of_100(r))),
    })
}

/// Of what we heard. `too_late`: packets that came after their time; `delay_ms`: to our ear.
pub fn heard(
    reception: &Reception,
    too_late: u64,
    delay_ms: Option<f64>,
    sound: &Sound,
) -> Option<Rating> {
    let (received, lost) = (reception.received(), reception.lost());
    if received == 0 {
        return None;
    }
    let missing = (lost + too_late.min(received)) as f64 / (received + lost) as f64;
    let burst_ratio = reception.bursts().ratio(missing);
    rate(sound, &Path { missing, burst_ratio, delay_ms })
}

/// Of what we sent, as the peer's reports say.
pub fn reported(reported: &Reported, delay_ms: Option<f64>, sound: &Sound) -> Option<Rating> {
    let packets = reported.packets().filter(|&packets| packets > 0)?;
    let lost = reported.lost()? as f64 / packets as f64;
    let discarded = reported.voice().map_or(0.0, |voice| f64::from(voice.discarded) / 256.0);
    let missing = (lost + discarded).min(1.0);
    rate(sound, &Path { missing, burst_ratio: 1.0, delay_ms })
}

/// Idd of G.107 §7.4: nothing up to 100 ms.
fn delay_impairment(delay_ms: f64) -> f64 {
    if delay_ms <= 100.0 {
        return 0.0;
    }
    let x = (delay_ms / 100.0).log2();
    let root = |x: f64| (1.0 + x.powi(6)).powf(1.0 / 6.0);
    25.0 * (root(x) - 3.0 * root(x / 3.0) + 2.0)
}

/// G.107 Annex B.
fn mos(r: f64) -> f64 {
    match r {
        ..=0.0 => 1.0,
        100.0.. => 4.5,
        _ => (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MU_LAW: Sound = Sound { codec: "PCMU", rate_hz: 8_000, is_concealed: true };
    const BARE: Sound = Sound { is_concealed: false, ..MU_LAW };

    fn listening(sound: &Sound, missing: f64, burst_ratio: f64) -> f64 {
        rate(sound, &Path { missing, burst_ratio, delay_ms: None }).unwrap().listening
    }

    fn is_near(value: f64, expected: f64) -> bool {
        (value - expected).abs() < 0.01
    }

    #[test]
    fn undisturbed_audio_has_the_published_values() {
        assert!(is_near(listening(&MU_LAW, 0.0, 1.0), 4.41), "R 93.2");
        let wide = Sound { codec: "G722", rate_hz: 16_000, is_concealed: true };
        assert!(is_near(listening(&wide, 0.0, 1.0), 4.34), "129 - 13 on the wideband scale");
        let r = rate(&MU_LAW, &Path { missing: 0.0, burst_ratio: 1.0, delay_ms: Some(50.0) });
        assert!(is_near(r.unwrap().r_factor, 93.2));
    }

    #[test]
    fn five_percent_of_random_loss_with_and_without_concealment() {
        // Ie,eff is 95 * 5 / (5 + 25.1) = 15.78, and 95 * 5 / (5 + 4.3) = 51.08.
        assert!(is_near(listening(&MU_LAW, 0.05, 1.0), 3.92));
        assert!(is_near(listening(&BARE, 0.05, 1.0), 2.17));
    }

    #[test]
    fn the_documented_table_holds() {
        let table = [
            ("PCMU", 8_000, [4.41, 4.33, 3.92, 3.41]),
            ("G722", 16_000, [4.34, 4.27, 4.00, 3.68]),
            ("OPUS", 16_000, [4.42, 4.37, 4.12, 3.80]),
        ];
        for (codec, rate_hz, expected) in table {
            let sound = Sound { codec, rate_hz, is_concealed: true };
            for (missing, expected) in [0.0, 0.01, 0.05, 0.1].into_iter().zip(expected) {
                let value = listening(&sound, missing, 1.0);
                assert!(is_near(value, expected), "{codec} at {missing}: {value}");
            }
        }
    }

    #[test]
    fn bursts_are_worse_than_random_loss() {
        assert!(listening(&MU_LAW, 0.05, 2.0) < listening(&MU_LAW, 0.05, 1.0) - 0.02);
    }

    #[test]
    fn delay_hurts_the_conversation_and_not_the_listener() {
        let at = |delay_ms| {
            rate(&MU_LAW, &Path { missing: 0.0, burst_ratio: 1.0, delay_ms: Some(delay_ms) })
                .unwrap()
        };
        assert!(is_near(at(100.0).conversation.unwrap(), at(100.0).listening));
        // G.107: about 10 points at 250 ms, 25 at 400 ms.
        assert!((8.0..12.0).contains(&(93.2 - at(250.0).r_factor)), "{:?}", at(250.0));
        assert!((22.0..27.0).contains(&(93.2 - at(400.0).r_factor)), "{:?}", at(400.0));
        assert_eq!(at(400.0).listening, at(0.0).listening);
    }

    #[test]
    fn every_value_is_on_the_scale() {
        for missing in [0.0, 0.01, 0.3, 0.9, 1.0, 7.0, -1.0] {
            for burst_ratio in [0.0, 1.0, 50.0] {
                for delay_ms in [None, Some(0.0), Some(100.1), Some(60_000.0)] {
                    let rating = rate(&BARE, &Path { missing, burst_ratio, delay_ms }).unwrap();
                    assert!((0.0..=100.0).contains(&rating.r_factor));
                    for mos in [Some(rating.listening), rating.conversation].into_iter().flatten() {
                        assert!((1.0..=4.5).contains(&mos), "{mos}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_measured_is_no_number() {
        let mut reception = Reception::default();
        assert_eq!(heard(&reception, 0, None, &MU_LAW), None);
        assert_eq!(reported(&Reported::default(), None, &MU_LAW), None);
        reception.count(1, 1);
        let unknown = Sound { codec: "G729", ..MU_LAW };
        assert_eq!(heard(&reception, 0, None, &unknown), None);
        assert!(is_near(heard(&reception, 0, None, &MU_LAW).unwrap().listening, 4.41));
    }

    #[test]
    fn late_packets_are_missing_ones() {
        let mut reception = Reception::default();
        (0..100).for_each(|packet| reception.count(1, packet));
        let late = heard(&reception, 5, None, &MU_LAW).unwrap();
        assert!(is_near(late.listening, 3.92));
        assert!(heard(&reception, u64::MAX, None, &MU_LAW).unwrap().listening < 1.5);
    }
}
