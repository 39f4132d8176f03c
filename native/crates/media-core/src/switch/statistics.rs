//! What can be said about how a leg sounds.

use crate::quality::{self, Rating, Sound};
use crate::reported::Reported;
use crate::rtcp::xr::{UNAVAILABLE, Voice};
use crate::switch::event::{Quality, Statistics};
use crate::switch::leg::Leg;

/// Where we do not play out ourselves, the peer's jitter buffer is taken to be so long.
const BUFFER_MS: f64 = 40.0;
/// The longest delay of our jitter buffer, as reported (RFC 3611 §4.7.7).
const BUFFER_MAX_MS: u16 = 200;

impl Leg {
    /// A reading of all that was counted and measured.
    pub fn statistics(&self) -> Statistics {
        let counted = self.line.counted;
        Statistics {
            packets_received: counted.received,
            packets_sent: counted.sent,
            bytes_received: counted.octets_received,
            bytes_sent: counted.octets_sent,
            packets_lost: self.reception.lost(),
            packets_rejected: self.line.rejected,
            jitter_us: self.reception.jitter_us(),
            round_trip_us: self.reports.reported.round_trip_us(),
            received: self.heard_quality(),
            sent: self.reported_quality(),
        }
    }

    /// Puts the reading where others see it.
    pub fn publish(&self) {
        let statistics = self.statistics();
        *self.reading.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = statistics;
    }

    /// How the peer sounds here, for a report to it; None before anything was heard.
    pub fn voice_heard(&self) -> Option<Voice> {
        let rating = self.rating()?;
        let (received, lost) = (self.reception.received(), self.reception.lost());
        let expected = (received + lost).max(1);
        let in_256ths = |count: u64| (count * 256 / expected).min(255) as u8;
        let in_tenths = |mos: f64| (mos * 10.0).round() as u8;
        let buffer_ms = self.buffer_ms().round() as u16;
        Some(Voice {
            ssrc: self.reception.ssrc()?,
            lost: in_256ths(lost),
            discarded: in_256ths(self.late().unwrap_or(0).min(received)),
            spread: self.reception.bursts().spread(self.packet_ms()),
            round_trip_ms: self.round_trip_ms().map_or(0, |ms| ms.min(65_535.0) as u16),
            end_system_ms: buffer_ms,
            r_factor: rating.r_factor.round() as u8,
            listening: in_tenths(rating.listening),
            conversation: rating.conversation.map_or(UNAVAILABLE, in_tenths),
            buffer_ms,
            buffer_max_ms: BUFFER_MAX_MS,
        })
    }

    fn heard_quality(&self) -> Option<Quality> {
        let received = self.reception.received();
        (received > 0).then(|| Quality {
            packets: Some(received),
            lost: Some(self.reception.lost()),
            jitter_us: self.reception.jitter_us(),
            late: self.late(),
            mos: self.rating().map(|rating| rating.listening as f32),
        })
    }

    fn reported_quality(&self) -> Option<Quality> {
        let reported: &Reported = &self.reports.reported;
        let packets = reported.packets()?;
        let sound = self.sound()?;
        let rating = quality::reported(reported, self.delay_ms(), &sound);
        Some(Quality {
            packets: Some(packets),
            lost: reported.lost(),
            jitter_us: reported.jitter_us(self.mouth.stream.clock_hz()),
            late: None,
            mos: rating.map(|rating| rating.listening as f32),
        })
    }

    fn rating(&self) -> Option<Rating> {
        let late = self.late().unwrap_or(0);
        quality::heard(&self.reception, late, self.delay_ms(), &self.sound()?)
    }

    fn sound(&self) -> Option<Sound<'static>> {
        let codec = self.target?.codec;
        // Who plays the stream out conceals: every phone of today does, and so do we.
        Some(Sound { codec: codec.name, rate_hz: codec.rate_hz, is_concealed: true })
    }

    fn late(&self) -> Option<u64> {
        self.hearing.as_ref().map(|hearing| hearing.late())
    }

    /// Length of the packets that come; the peer's are taken to be as long as ours.
    fn packet_ms(&self) -> u32 {
        self.target.map_or(20, |target| u32::from(target.packet_ticks) * 10)
    }

    fn buffer_ms(&self) -> f64 {
        self.hearing.as_ref().map_or(BUFFER_MS, |hearing| f64::from(hearing.delay_ms()))
    }

    fn round_trip_ms(&self) -> Option<f64> {
        self.reports.reported.round_trip_us().map(|us| us as f64 / 1_000.0)
    }

    /// From mouth to ear, when the way was measured.
    fn delay_ms(&self) -> Option<f64> {
        self.round_trip_ms().map(|round_trip| round_trip / 2.0 + self.buffer_ms())
    }
}
