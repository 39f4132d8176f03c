//! What streams of known shape count as.

use media_core::reception::Reception;

#[test]
fn counts_loss_over_the_wrap() {
    let mut reception = Reception::default();
    for sequence in [65_533, 65_534, 1, 2, 0, 3] {
        reception.count(7, sequence);
    }
    assert_eq!(reception.lost(), 1, "only 65535 is missing");
    assert_eq!(reception.reordered(), 1);
    let loss = reception.report().unwrap();
    assert_eq!((loss.highest, loss.cumulative), (65_536 + 3, 1));
    assert_eq!(loss.fraction, 256u32.div_euclid(7) as u8);
    assert_eq!(reception.report().unwrap().fraction, 0, "nothing new");
}

#[test]
fn a_new_source_and_a_restart_keep_the_count() {
    let mut reception = Reception::default();
    reception.count(1, 10);
    reception.count(1, 12);
    reception.count(2, 30_000);
    assert_eq!(reception.lost(), 1);
    reception.count(2, 50);
    reception.count(2, 51);
    reception.count(2, 52);
    assert_eq!(reception.lost(), 1, "a jump far ahead is no loss");
    assert_eq!(reception.sources(), 3);
}

#[test]
fn duplicates_are_no_gain() {
    let mut reception = Reception::default();
    for sequence in [10, 10, 10, 13, 10, 13] {
        reception.count(1, sequence);
    }
    assert_eq!((reception.lost(), reception.duplicates(), reception.received()), (2, 4, 2));
    reception.count(1, 11);
    assert_eq!((reception.lost(), reception.reordered()), (1, 1));
}

#[test]
fn jitter_of_an_even_and_an_uneven_stream() {
    let mut even = Reception::default();
    let mut uneven = Reception::default();
    for packet in 0..200u32 {
        for (reception, shift) in [(&mut even, 0), (&mut uneven, u64::from(packet % 2) * 80)] {
            reception.count(1, packet as u16);
            reception.measure(packet * 160, u64::from(packet) * 160 + shift);
        }
    }
    assert_eq!(even.jitter_us(), Some(0));
    let jitter_ms = uneven.jitter_us().unwrap() / 1_000;
    assert!((9..=10).contains(&jitter_ms), "{jitter_ms}");
    let mut short = Reception::default();
    short.count(1, 1);
    short.measure(0, 0);
    assert_eq!(short.jitter_us(), None);
}

#[test]
fn jitter_is_the_same_time_on_every_clock() {
    for clock_hz in [8_000u32, 16_000, 44_100, 48_000] {
        let mut reception = Reception::default();
        reception.set_clock(clock_hz);
        for packet in 0..300u32 {
            reception.count(1, packet as u16);
            let shift = u64::from(packet % 2) * 40;
            reception.measure(packet * (clock_hz / 50), u64::from(packet) * 160 + shift);
        }
        let jitter_us = reception.jitter_us().unwrap();
        assert!((4_700..=5_000).contains(&jitter_us), "{clock_hz} Hz: {jitter_us}");
        let units = reception.report().unwrap().jitter;
        assert!((clock_hz / 220..=clock_hz / 200).contains(&units), "{clock_hz} Hz: {units}");
    }
}

#[test]
fn a_change_of_codec_is_no_jitter() {
    let mut reception = Reception::default();
    for packet in 0..100u32 {
        let clock_hz = if packet < 50 { 8_000 } else { 48_000 };
        reception.set_clock(clock_hz);
        reception.count(1, packet as u16);
        reception.measure(packet * (clock_hz / 50) + clock_hz, u64::from(packet) * 160);
    }
    assert_eq!(reception.jitter_us(), Some(0));
}

#[test]
fn loss_is_spread_as_it_was_in_the_order_of_sending() {
    let mut reception = Reception::default();
    for packet in 0..2_000u16 {
        // Each hundred has a burst of three; the packet before it is overtaken by one after it.
        let sent = match packet % 100 {
            40..=42 => continue,
            39 => packet + 4,
            43 => packet - 4,
            _ => packet,
        };
        reception.count(1, sent);
    }
    assert_eq!((reception.lost(), reception.reordered()), (60, 20));
    let spread = reception.bursts().spread(20);
    assert_eq!((spread.burst_ms, spread.gap_density), (60, 0));
    assert!((2.9..3.0).contains(&reception.bursts().ratio(0.03)));
}

#[test]
fn what_came_too_late_is_lost_to_the_listener_only() {
    let mut reception = Reception::default();
    for packet in 0..100 {
        reception.count(1, packet);
    }
    reception.discarded(90);
    reception.discarded(91);
    assert_eq!(reception.lost(), 0);
    assert!(reception.bursts().ratio(0.02) > 1.5, "two in a row");
}

#[test]
fn loss_is_spread_alike_whether_it_is_recent_or_long_ago() {
    // Two losses in a row, one alone, and two near each other.
    let is_lost = |sequence: u16| matches!(sequence, 20 | 21 | 50 | 90 | 92);
    let heard = |last: u16| {
        let mut reception = Reception::default();
        (0..last).filter(|&sequence| !is_lost(sequence)).for_each(|sequence| {
            reception.count(1, sequence);
        });
        reception.bursts().spread(20)
    };
    let (recent, long_ago) = (heard(120), heard(600));
    assert_eq!(
        (recent.burst_ms, recent.burst_density),
        (50, 204),
        "five packets, four of them lost"
    );
    assert_eq!((long_ago.burst_ms, long_ago.burst_density), (50, 204));
}
