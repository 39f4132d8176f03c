//! Whatever the network sends, nothing here panics and nothing grows without bound.

use media_core::dtmf_receiver::DtmfReceiver;
use media_core::g711::Codec;
use media_core::outbound::{FRAME_SAMPLES_MAX, Media, Outbound, Target};
use media_core::reception::Reception;
use media_core::recording::Recording;
use media_core::telephone_event::Event;
use media_core::{rtcp, rtp};

/// Numbers that are random enough, and the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// A datagram: often with a plausible header, so that the deeper places are reached.
    fn datagram(&mut self) -> Vec<u8> {
        let length = self.pick(&[0, 3, 8, 11, 12, 13, 16, 28, 52, 172, 252, 500, 1_500]);
        let mut bytes: Vec<u8> = (0..length).map(|_| self.next() as u8).collect();
        if let Some(first) = bytes.first_mut() {
            *first = self.pick(&[0x80, 0x81, 0x82, 0x8f, 0x90, 0xa0, 0xb0, 0xbf, 0x00, 0xff]);
        }
        if bytes.len() > 1 && self.below(4) > 0 {
            bytes[1] = self.pick(&[0, 8, 101, 128, 136, 200, 201, 202, 203, 204]);
        }
        if bytes.len() > 3 && self.below(2) == 0 {
            bytes[2] = 0;
            bytes[3] = self.below(16) as u8;
        }
        bytes
    }
}

#[test]
fn rtp_and_everything_behind_it() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut reception = Reception::default();
    let mut keys = DtmfReceiver::default();
    let mut out = Outbound::new(1, 2, 3, 0);
    let mut recording = Recording::new(0, u64::MAX / 16, Some(80_000));
    let mut waiting = 0;
    for now in 0..400_000u64 {
        let mut bytes = random.datagram();
        let Some(packet) = rtp::parse(&bytes) else { continue };
        reception.count(packet.ssrc, packet.sequence);
        reception.measure(packet.timestamp, now);
        let payload = bytes[packet.payload.clone()].to_vec();
        if let Some(event) = Event::parse(&payload) {
            keys.receive(packet.ssrc, packet.timestamp, event);
        }
        let codec = random.pick(&[Codec::Pcmu, Codec::Pcma]);
        recording.audio(packet.ssrc, packet.timestamp, codec, &payload, now);
        recording.pass_time(now);
        recording.limit();
        waiting += recording.take_settled().len() as u64;
        let target = Target {
            codec: random.pick(&[Codec::Pcmu, Codec::Pcma]),
            frame: random.pick(&[80, 160, 240, FRAME_SAMPLES_MAX]),
            events: random.pick(&[None, Some(101)]),
        };
        match random.below(8) {
            0 => out.skip(&packet),
            1 => out.leave_source(),
            _ => {
                let media = random.pick(&[Media::Audio(codec), Media::Event]);
                out.relay(&mut bytes, &packet, media, &target, now, |sent| {
                    assert!(sent.len() >= rtp::HEADER_BYTES && sent.len() <= 1_500);
                });
            }
        }
    }
    reception.report();
    reception.lost();
    assert!(waiting < 400_000 + 60_000, "a recording is never far ahead of the clock");
}

#[test]
fn rtcp_of_any_kind() {
    let mut random = Random(0xfeed_beef_1234_5671);
    let mut heard = 0;
    for _ in 0..400_000 {
        let bytes = random.datagram();
        if let Some(report) = rtcp::parse(&bytes, random.next() as u32) {
            heard += 1;
            if let Some(echo) = report.echo {
                rtcp::round_trip_us(random.next(), echo);
            }
        }
    }
    assert!(heard > 0, "some of it is well-formed");
}
