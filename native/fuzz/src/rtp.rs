//! RTP: packets of one stream, counted, put into a jitter buffer and heard.

use media_audio::codec::CODECS;
use media_core::dtmf_receiver::DtmfReceiver;
use media_core::ear::Ear;
use media_core::reception::Reception;
use media_core::rtp::{self, Header};
use media_core::telephone_event::Event;
use media_core::{quality, quality::Sound};

use crate::input::{Input, STEPS_MAX, framed};

/// First which codec; then for each packet how much later it comes, and its octets.
pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let codec = CODECS[input.below(CODECS.len())];
    let mut ear = Ear::new(codec, "");
    let mut reception = Reception::default();
    reception.set_clock(codec.clock_hz);
    let mut keys = DtmfReceiver::default();
    let mut frame = Vec::new();
    let mut now = u64::from(input.word()) << 16;
    for _ in 0..STEPS_MAX {
        if input.is_over() {
            break;
        }
        now += u64::from(input.byte()) * 8;
        let datagram = input.datagram();
        if let Some(packet) = rtp::parse(datagram) {
            let payload = &datagram[packet.payload.clone()];
            reception.count(packet.ssrc, packet.sequence);
            if packet.payload_type == 101 {
                if let Some(event) = Event::parse(payload) {
                    keys.receive(packet.ssrc, packet.timestamp, event);
                }
                ear.pass_over(packet.sequence, packet.ssrc);
            } else if packet.payload_type == 13 {
                ear.comfort_noise(packet.sequence, packet.timestamp, packet.ssrc, payload, now);
            } else {
                reception.measure(packet.timestamp, now);
                let (ssrc, marker) = (packet.ssrc, packet.marker);
                ear.put(packet.sequence, packet.timestamp, ssrc, marker, payload, now);
            }
        }
        let rate_hz = if input.is() { 8_000 } else { 16_000 };
        let samples = rate_hz as usize / 100;
        ear.pull(rate_hz, samples, now, &mut frame);
        assert_eq!(frame.len(), samples);
    }
    check(&mut reception);
}

fn check(reception: &mut Reception) {
    let (received, lost) = (reception.received(), reception.lost());
    let spread = reception.bursts().spread(20);
    assert!(lost > 0 || (spread.burst_density, spread.gap_density) == (0, 0));
    assert!(reception.bursts().ratio(0.5) >= 1.0);
    let sound = Sound { codec: "PCMU", rate_hz: 8_000, is_concealed: true };
    let rating = quality::heard(reception, 0, Some(100.0), &sound);
    assert_eq!(rating.is_some(), received > 0, "a number for nothing, or none");
    if let Some(rating) = rating {
        assert!((1.0..=4.5).contains(&rating.listening));
    }
    reception.report();
}

/// A stream with a gap, a packet that was overtaken, a key and noise.
pub fn seeds() -> Vec<Vec<u8>> {
    let codecs = 0..CODECS.len() as u8;
    codecs
        .map(|codec| {
            let mut story = vec![codec, 0, 1];
            for (number, payload_type) in
                [(1, 0), (2, 0), (4, 0), (3, 0), (9, 0), (10, 101), (11, 13), (12, 0), (1_000, 0)]
            {
                let header = Header {
                    marker: number == 1,
                    payload_type,
                    sequence: number,
                    timestamp: u32::from(number) * 160,
                    ssrc: 7,
                };
                let mut packet = header.to_bytes().to_vec();
                let length = if payload_type == 0 { 160 } else { 4 };
                packet.extend((0..length).map(|at| at as u8));
                story.extend(framed(&[20], &packet));
                story.push(u8::from(number % 2 == 0));
            }
            story
        })
        .collect()
}
