//! What an ear makes of networks that disturb.

mod network;

use media_audio::codec::{CODECS, find, g711::PCMA, g711::PCMU, g722::G722, opus::OPUS};
use media_audio::comfort_noise;
use media_core::ear::Ear;
use network::{Dice, MS, Packet, hardest_bend, level, listen, listen_from, packets, purity, tone};

/// 16 kHz does not change when 8 kHz is what somebody says.
fn spoken(ms: u32) -> Vec<Packet> {
    packets(&PCMU, &tone(440.0, 8_000, ms), 20, "")
}

/// The whole sound except its begin and its end is the tone.
#[track_caller]
fn assert_unbroken(heard: &[i16], rate_hz: u32, from_ms: u32, to_ms: u32) {
    let ms = rate_hz as usize / 1_000;
    for (at, piece) in (0..).zip(heard[from_ms as usize * ms..to_ms as usize * ms].chunks(20 * ms))
    {
        let pure = purity(piece, 440.0, rate_hz);
        assert!(pure > 0.97, "{pure} after {} ms", from_ms + 20 * at);
    }
}

#[test]
fn an_undisturbed_stream_is_heard_as_it_was_after_40_ms() {
    let sent = spoken(1_000);
    let heard = listen(&mut Ear::new(&PCMU, ""), &sent, 8_000, 10, 1_000);
    let mut expected = vec![0; 60 * 8];
    let mut decoder = (PCMU.new_decoder)("");
    for packet in &sent {
        decoder.decode(&packet.payload, &mut expected);
    }
    assert!(heard == expected[..heard.len()]);
}

#[test]
fn order_and_duplicates_make_no_difference() {
    let sent = spoken(1_000);
    let mut ear = Ear::new(&PCMU, "");
    let expected = listen(&mut ear, &sent, 8_000, 10, 1_000);
    let mut mixed = sent.clone();
    for packet in mixed.iter_mut().skip(1).step_by(4) {
        packet.arrives += 25 * MS;
    }
    mixed.extend(
        sent.iter()
            .step_by(3)
            .map(|packet| Packet { arrives: packet.arrives + 90, ..packet.clone() }),
    );
    let mut ear = Ear::new(&PCMU, "");
    let heard = listen(&mut ear, &mixed, 8_000, 10, 1_000);
    let differs = heard.iter().zip(&expected).position(|(a, b)| a != b);
    assert_eq!(differs, None, "{:?} {}", ear.counts(), ear.delay_ms());
    assert!((15..=17).contains(&ear.counts().duplicates), "{:?}", ear.counts());
    assert_eq!((ear.late(), ear.discarded(), ear.concealed_ms()), (0, 0, 0));
}

#[test]
fn every_codec_packet_time_rate_and_pull_carries_the_tone() {
    for codec in CODECS {
        for ptime_ms in [10, 20, 30, 40, 50, 60].into_iter().filter(|&ms| codec.frame_ms(ms) == ms)
        {
            for (rate_hz, pull_ms) in [(8_000, 10), (8_000, 20), (16_000, 10), (16_000, 20)] {
                let sent = packets(codec, &tone(440.0, codec.rate_hz, 1_000), ptime_ms, "");
                let mut ear = Ear::new(codec, "");
                let heard = listen(&mut ear, &sent, rate_hz, pull_ms, 900);
                let case = format!("{} {ptime_ms} {rate_hz} {pull_ms}", codec.name);
                let end = &heard[rate_hz as usize / 2..rate_hz as usize / 10 * 9];
                assert!(purity(end, 440.0, rate_hz) > 0.98, "{case}");
                assert!((level(end) / 3_535.0 - 1.0).abs() < 0.1, "{case}: {}", level(end));
                assert_eq!((ear.late(), ear.discarded(), ear.concealed_ms()), (0, 0, 0), "{case}");
            }
        }
    }
}

#[test]
fn a_lost_packet_is_concealed_and_counted() {
    let mut sent = spoken(1_000);
    sent.remove(20);
    let mut ear = Ear::new(&PCMU, "");
    let heard = listen(&mut ear, &sent, 8_000, 10, 1_000);
    assert!(purity(&heard[480 * 8..500 * 8], 440.0, 8_000) > 0.95);
    assert!(hardest_bend(&heard[640..]) < 1_500, "{}", hardest_bend(&heard[640..]));
    assert_eq!(ear.concealed_ms(), 20);
}

#[test]
fn the_delay_grows_with_the_variation_and_shrinks_again() {
    let mut dice = Dice(7);
    let mut sent = spoken(60_000);
    for packet in &mut sent {
        let ms = packet.arrives / MS;
        if (10_000..30_000).contains(&ms) {
            packet.arrives += dice.below(90 * MS);
        }
    }
    let mut ear = Ear::new(&PCMU, "");
    let mut delays = Vec::new();
    let mut concealed = Vec::new();
    for start_s in (0..60).step_by(5) {
        let part: Vec<Packet> = sent
            .iter()
            .filter(|packet| {
                (start_s * 1_000..(start_s + 5) * 1_000).contains(&(packet.arrives / MS))
            })
            .cloned()
            .collect();
        listen_from(&mut ear, &part, 8_000, 10, start_s * 1_000..(start_s + 5) * 1_000);
        delays.push(ear.delay_ms());
        concealed.push(ear.concealed_ms());
    }
    assert!(delays[1] <= 35, "calm: {delays:?}");
    assert!((80..=120).contains(&delays[5]), "disturbed: {delays:?}");
    assert!(delays[11] <= 35, "calm again: {delays:?}");
    assert!(concealed[5] - concealed[3] < 200, "used to it: {concealed:?}");
    assert_eq!(concealed[11], concealed[7], "calm again: {concealed:?}");
}

#[test]
fn variation_is_heard_as_little_as_possible() {
    let mut dice = Dice(7);
    let mut sent = spoken(20_000);
    for packet in &mut sent {
        packet.arrives += dice.below(50 * MS);
    }
    let mut ear = Ear::new(&PCMU, "");
    let heard = listen(&mut ear, &sent, 8_000, 10, 20_000);
    assert_unbroken(&heard, 8_000, 5_000, 19_900);
    assert!(
        hardest_bend(&heard[40_000..159_000]) < 1_600,
        "{}",
        hardest_bend(&heard[40_000..159_000])
    );
}

#[test]
fn what_comes_after_its_time_is_late() {
    let mut sent = spoken(1_000);
    sent[20].arrives += 150 * MS;
    let mut ear = Ear::new(&PCMU, "");
    listen(&mut ear, &sent, 8_000, 10, 1_000);
    assert_eq!((ear.late(), ear.discarded(), ear.concealed_ms()), (1, 0, 20));
}

#[test]
fn a_stall_of_the_whole_network_loses_the_stall_and_nothing_after_it() {
    let mut sent = spoken(10_000);
    for packet in &mut sent[100..150] {
        packet.arrives = packet.arrives.max(3_000 * MS); // a second
    }
    let mut ear = Ear::new(&PCMU, "");
    let heard = listen(&mut ear, &sent, 8_000, 10, 10_000);
    assert!(level(&heard[2_300 * 8..2_900 * 8]) < 10.0, "silence while nothing comes");
    assert_unbroken(&heard, 8_000, 3_080, 9_900);
    assert!(ear.delay_ms() < 60, "{}", ear.delay_ms());
}

#[test]
fn streams_that_begin_anew_are_heard_on() {
    type Change = fn(&mut Packet);
    let changes: [(&str, Change); 5] = [
        ("source", |packet| packet.ssrc = 1),
        ("sequence", |packet| packet.sequence = packet.sequence.wrapping_add(20_000)),
        ("timestamp forwards", |packet| packet.timestamp = packet.timestamp.wrapping_add(1 << 30)),
        ("timestamp backwards", |packet| packet.timestamp = packet.timestamp.wrapping_sub(1 << 20)),
        ("all", |packet| {
            packet.ssrc = 2;
            packet.sequence = packet.sequence.wrapping_mul(3).wrapping_add(9_999);
            packet.timestamp ^= 0x8000_0000;
        }),
    ];
    for (name, change) in changes {
        let mut sent = spoken(2_000);
        let mut offset = 0u16;
        for packet in &mut sent[50..] {
            change(packet);
            if name == "all" {
                packet.sequence = 7 + offset;
                offset += 1;
            }
        }
        let mut ear = Ear::new(&PCMU, "");
        let heard = listen(&mut ear, &sent, 8_000, 10, 2_000);
        assert_unbroken(&heard, 8_000, 80, 1_000);
        assert_unbroken(&heard, 8_000, 1_160, 1_960);
        assert!(hardest_bend(&heard[640..]) < 1_500, "{name}: {}", hardest_bend(&heard[640..]));
        assert!(ear.discarded() <= 1 && ear.late() == 0, "{name}: {:?}", ear.counts());
        assert!(ear.delay_ms() <= 70, "{name}: {}", ear.delay_ms());
    }
}

#[test]
fn a_foreign_source_in_between_takes_nothing_over() {
    let mut sent = spoken(1_000);
    let foreign: Vec<Packet> = sent
        .iter()
        .map(|packet| Packet {
            ssrc: 66,
            payload: vec![0; 160],
            arrives: packet.arrives + 1,
            ..packet.clone()
        })
        .collect();
    sent.extend(foreign);
    let mut ear = Ear::new(&PCMU, "");
    let heard = listen(&mut ear, &sent, 8_000, 10, 1_000);
    assert_unbroken(&heard, 8_000, 80, 1_000);
}

#[test]
fn silence_that_is_not_sent_is_no_loss() {
    let mut sent = spoken(3_000);
    sent.drain(50..100);
    for (index, packet) in sent.iter_mut().enumerate().skip(50) {
        packet.sequence = packet.sequence.wrapping_sub(50);
        packet.marker = index == 50;
    }
    let mut ear = Ear::new(&PCMU, "");
    let heard = listen(&mut ear, &sent, 8_000, 10, 3_000);
    assert_unbroken(&heard, 8_000, 80, 1_000);
    assert!(level(&heard[1_200 * 8..2_000 * 8]) < 10.0);
    assert_unbroken(&heard, 8_000, 2_100, 2_980);
    assert_eq!((ear.late(), ear.discarded(), ear.concealed_ms()), (0, 0, 0));
    assert!(ear.delay_ms() <= 50, "{}", ear.delay_ms());
}

#[test]
fn a_pause_in_which_the_clock_of_the_peer_stands_still_adds_no_delay() {
    let mut sent = spoken(6_000);
    for packet in &mut sent[100..] {
        packet.arrives += 30_000 * MS;
    }
    let mut ear = Ear::new(&PCMU, "");
    let heard = listen(&mut ear, &sent, 8_000, 10, 36_000);
    assert_unbroken(&heard, 8_000, 32_200, 35_900);
    assert!(ear.delay_ms() <= 60, "{}", ear.delay_ms());
}

#[test]
fn clocks_that_drift_apart_neither_starve_nor_flood() {
    for drift_ppm in [-300i64, 300] {
        let mut sent = spoken(180_000);
        for packet in &mut sent {
            let drift = packet.arrives as i64 * drift_ppm / 1_000_000;
            packet.arrives = (packet.arrives as i64 + drift) as u64;
        }
        let mut ear = Ear::new(&PCMU, "");
        let heard = listen(&mut ear, &sent, 8_000, 10, 179_000);
        assert_eq!((ear.late(), ear.discarded()), (0, 0), "{drift_ppm}");
        assert!(ear.concealed_ms() <= 20, "{drift_ppm}: {}", ear.concealed_ms());
        assert!((8..=40).contains(&ear.delay_ms()), "{drift_ppm}: {}", ear.delay_ms());
        assert!(
            hardest_bend(&heard[800..]) < 1_500,
            "{drift_ppm}: {}",
            hardest_bend(&heard[800..])
        );
    }
}

#[test]
fn a_change_of_codec_is_not_heard() {
    let formats = [&PCMU, &G722, &OPUS, &PCMA, &OPUS, &PCMU, find("L16", 16_000).unwrap()];
    for rate_hz in [8_000, 16_000] {
        let mut ear = Ear::new(formats[0], "");
        let mut heard = Vec::new();
        for (place, codec) in (0u64..).zip(formats) {
            let whole = tone(440.0, codec.rate_hz, 500 * formats.len() as u32);
            let start_ms = 500 * place;
            let sent = packets(codec, &whole, 20, "");
            let part = &sent[place as usize * 25..(place as usize + 1) * 25];
            ear.expect(codec, "");
            heard.extend(listen_from(&mut ear, part, rate_hz, 10, start_ms + 10..start_ms + 510));
        }
        for (at, piece) in heard[rate_hz as usize / 10..].chunks(rate_hz as usize / 10).enumerate()
        {
            assert!((level(piece) / 3_535.0 - 1.0).abs() < 0.3, "{at}00 ms: {}", level(piece));
        }
        let bend = hardest_bend(&heard[rate_hz as usize / 10..]);
        assert!(bend < 2_000, "{bend} at {rate_hz}");
        assert_eq!((ear.late(), ear.discarded()), (0, 0));
    }
}

#[test]
fn comfort_noise_fills_the_silence_it_describes() {
    let sent = spoken(3_000);
    let mut ear = Ear::new(&PCMU, "");
    listen(&mut ear, &sent[..50], 8_000, 10, 1_010);
    let noise = &sent[50];
    let mut payload = Vec::new();
    comfort_noise::encode_sid(&[100, -100].repeat(80), &mut payload);
    ear.comfort_noise(noise.sequence, noise.timestamp, noise.ssrc, &payload, noise.arrives);
    let heard = listen_from(&mut ear, &[], 8_000, 10, 1_010..2_000);
    let loudness = level(&heard[1_600..]);
    assert!((60.0..140.0).contains(&loudness), "{loudness}");
    let heard = {
        let mut later = sent[100..].to_vec();
        for packet in &mut later {
            packet.sequence = packet.sequence.wrapping_sub(49);
        }
        later[0].marker = true;
        listen_from(&mut ear, &later, 8_000, 10, 2_000..3_000)
    };
    assert_unbroken(&heard, 8_000, 100, 980);
    assert_eq!((ear.late(), ear.discarded(), ear.concealed_ms()), (0, 0, 0));
}

#[test]
fn keys_between_the_audio_are_no_loss() {
    let sent = spoken(1_000);
    let mut ear = Ear::new(&PCMU, "");
    for now_ms in (0..1_000).step_by(10) {
        for (index, packet) in sent.iter().enumerate().filter(|(_, it)| it.arrives == now_ms * MS) {
            let Packet { sequence, timestamp, ssrc, marker, .. } = *packet;
            if (20..26).contains(&index) {
                ear.pass_over(sequence, ssrc);
            } else {
                ear.put(sequence, timestamp, ssrc, marker, &packet.payload, packet.arrives);
            }
        }
        ear.pull(8_000, 80, now_ms * MS, &mut Vec::new());
    }
    assert_eq!((ear.late(), ear.discarded(), ear.concealed_ms()), (0, 0, 0));
}

#[test]
fn nonsense_is_survived_and_forgotten() {
    let mut dice = Dice(99);
    for codec in CODECS {
        let (mut ear, mut frame) = (Ear::new(codec, ""), Vec::new());
        for now in 0..20_000u64 {
            let length = dice.below(400) as usize;
            let payload: Vec<u8> = (0..length).map(|_| dice.below(256) as u8).collect();
            let (sequence, timestamp) = (dice.below(1 << 16) as u16, dice.below(1 << 32) as u32);
            let ssrc = dice.below(3) as u32;
            match dice.below(8) {
                0 => ear.comfort_noise(sequence, timestamp, ssrc, &payload, now * 20),
                1 => ear.pass_over(sequence, ssrc),
                2 => ear.expect(CODECS[dice.below(CODECS.len() as u64) as usize], "x"),
                _ => ear.put(
                    sequence % 500,
                    timestamp % 5_000,
                    ssrc,
                    now % 2 == 0,
                    &payload,
                    now * 20,
                ),
            }
            let rate_hz = if dice.below(2) == 0 { 8_000 } else { 16_000 };
            let samples = dice.below(500) as usize;
            ear.pull(rate_hz, samples, now * 20, &mut frame);
            assert_eq!(frame.len(), samples);
        }
        let sent = packets(codec, &tone(440.0, codec.rate_hz, 3_000), 20, "");
        ear.expect(codec, "");
        let heard = listen_from(&mut ear, &sent, codec.rate_hz, 10, 0..3_000);
        let end = &heard[codec.rate_hz as usize * 2..];
        assert!(purity(end, 440.0, codec.rate_hz) > 0.9, "{}", codec.name);
    }
}

#[test]
fn an_ear_that_nobody_pulls_keeps_no_more_than_its_bound() {
    let sent = spoken(60_000);
    let mut ear = Ear::new(&PCMU, "");
    listen(&mut ear, &sent[..50], 8_000, 10, 1_000);
    for packet in &sent[50..2_900] {
        let Packet { sequence, timestamp, ssrc, marker, .. } = *packet;
        ear.put(sequence, timestamp, ssrc, marker, &packet.payload, packet.arrives);
    }
    assert!(ear.discarded() > 2_800);
    let heard = listen_from(&mut ear, &sent[2_900..], 8_000, 10, 58_000..60_000);
    assert_unbroken(&heard, 8_000, 400, 1_900);
    assert!(ear.delay_ms() <= 210, "{}", ear.delay_ms());
}
