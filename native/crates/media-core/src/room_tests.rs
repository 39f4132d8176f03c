use std::collections::HashMap;

use super::*;

const FRAME: usize = 80;

/// What everybody hears in a frame in which members say a constant.
fn hear(room: &mut Room, said: &[(usize, i16)]) -> HashMap<usize, (Vec<i16>, Share)> {
    let frames: Vec<(usize, Vec<i16>)> =
        said.iter().map(|&(member, value)| (member, vec![value; FRAME])).collect();
    let frames: Vec<(usize, &[i16])> =
        frames.iter().map(|(member, samples)| (*member, samples.as_slice())).collect();
    let mut heard = HashMap::new();
    room.mix(&frames, FRAME, &mut Desk::default(), |member, mix| {
        assert_eq!(mix.samples.len(), FRAME);
        assert!(heard.insert(member, (mix.samples.to_vec(), mix.share)).is_none());
    });
    heard
}

fn levels(room: &mut Room, said: &[(usize, i16)]) -> Vec<i16> {
    let heard = hear(room, said);
    room.members().map(|member| heard[&member].0[FRAME - 1]).collect()
}

fn room_of(members: usize) -> Room {
    let mut room = Room::new(8_000);
    for member in 0..members {
        room.add(member);
    }
    room
}

#[test]
fn everyone_hears_all_others_and_not_himself() {
    let mut room = room_of(4);
    assert_eq!(levels(&mut room, &[(0, 100), (1, 20), (2, 3)]), [23, 103, 120, 123]);
}

#[test]
fn who_says_nothing_shares_a_frame() {
    let mut room = room_of(5);
    let heard = hear(&mut room, &[(1, 100), (3, 0)]);
    let shares: Vec<Share> = (0..5).map(|member| heard[&member].1).collect();
    let everyone = Share::Everyone;
    assert_eq!(shares, [everyone, Share::Alone, everyone, everyone, everyone]);
    assert_eq!(heard[&1].0, [0; FRAME]);
    assert!(hear(&mut room, &[]).values().all(|(_, share)| *share == Share::Silence));
}

#[test]
fn loud_voices_saturate_and_come_back_out_of_the_sum_whole() {
    let mut room = room_of(4);
    let heard = levels(&mut room, &[(0, 30_000), (1, 30_000), (2, -20_000)]);
    assert_eq!(heard, [10_000, 10_000, i16::MAX, i16::MAX]);
}

#[test]
fn a_monitor_hears_and_is_not_heard_a_whisper_reaches_one() {
    let mut room = room_of(3);
    let (agent, caller, chief) = (0, 1, 2);
    room.set_gain(chief, caller, 0);
    room.set_gain(chief, agent, 0);
    let said = [(agent, 100), (caller, 20), (chief, 3)];
    levels(&mut room, &said); // leads over
    assert_eq!(levels(&mut room, &said), [20, 100, 120]);
    assert_eq!(levels(&mut room, &[(chief, 3)]), [0, 0, 0]);
    room.set_gain(chief, agent, UNITY);
    levels(&mut room, &said);
    assert_eq!(levels(&mut room, &said), [23, 100, 120]);
    room.set_gain(chief, caller, UNITY);
    levels(&mut room, &said);
    assert_eq!(levels(&mut room, &said), [23, 103, 120]);
}

#[test]
fn who_comes_hears_nothing_of_what_is_not_for_them() {
    let mut room = room_of(2);
    hear(&mut room, &[]);
    let (chief, newcomer) = (0, 2);
    room.add(newcomer);
    room.set_gain(chief, newcomer, 0);
    let heard = hear(&mut room, &[(chief, 1_000)]);
    assert!(heard[&newcomer].0.iter().all(|&sample| sample == 0), "not even while it fades");
}

#[test]
fn gains_make_softer_and_louder_within_a_frame() {
    let mut room = room_of(3);
    hear(&mut room, &[]);
    room.set_gain(0, 1, UNITY / 2);
    room.set_gain(0, 2, 9 * UNITY);
    let heard = hear(&mut room, &[(0, 1_000)]);
    let softer: Vec<i16> = heard[&1].0.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(softer.iter().all(|step| (-20..=0).contains(step)), "no click: {softer:?}");
    assert_eq!((heard[&1].0[FRAME - 1], heard[&2].0[FRAME - 1]), (500, 4_000));
    let heard = hear(&mut room, &[(0, 1_000)]);
    assert_eq!((heard[&1].0[0], heard[&2].0[0]), (500, 4_000));
}

#[test]
fn a_member_who_comes_back_has_no_gains_left() {
    let mut room = room_of(2);
    room.set_gain(0, 1, 0);
    levels(&mut room, &[(0, 50)]);
    assert_eq!(levels(&mut room, &[(0, 50)]), [0, 0]);
    assert!(!room.remove(1));
    room.add(1);
    assert_eq!(levels(&mut room, &[(0, 50)]), [0, 50]);
    assert!(!room.remove(0));
    assert!(room.remove(1));
}

#[test]
fn in_a_crowd_the_loudest_are_heard_and_places_do_not_flutter() {
    let mut room = room_of(VOICES_MAX + 2);
    let crowd: Vec<(usize, i16)> =
        (0..=VOICES_MAX).map(|member| (member, 100 + member as i16)).collect();
    let listener = VOICES_MAX + 1;
    let first = hear(&mut room, &crowd)[&listener].clone();
    assert_eq!(first.1, Share::Everyone);
    let loudest: i16 = (1..=VOICES_MAX as i16).map(|member| 100 + member).sum();
    assert_eq!(hear(&mut room, &crowd)[&listener].0[FRAME - 1], loudest);
    // A little louder is not enough to take a place, twice as loud is.
    let mut louder = crowd.clone();
    louder[0].1 = 150;
    assert_eq!(hear(&mut room, &louder)[&listener].0[FRAME - 1], loudest);
    louder[0].1 = 250;
    let fade = hear(&mut room, &louder)[&listener].0.clone();
    assert!(fade.windows(2).all(|pair| (pair[1] - pair[0]).abs() <= 10), "no click: {fade:?}");
    assert_eq!(hear(&mut room, &louder)[&listener].0[FRAME - 1], loudest - 101 + 250);
}

#[test]
fn a_muted_member_takes_no_place_in_a_crowd() {
    let mut room = room_of(VOICES_MAX + 2);
    for listener in 1..VOICES_MAX + 2 {
        room.set_gain(0, listener, 0);
    }
    hear(&mut room, &[]);
    let mut crowd = vec![(0, 30_000)];
    crowd.extend((1..=VOICES_MAX).map(|member| (member, 10)));
    let heard = levels(&mut room, &crowd);
    assert_eq!(heard[VOICES_MAX + 1], 10 * VOICES_MAX as i16);
}

#[test]
fn short_long_and_foreign_frames_do_no_harm() {
    let mut room = room_of(2);
    let long = [7; FRAME + 5];
    let said: [(usize, &[i16]); 3] = [(0, &long[..3]), (1, &long), (99, &long)];
    let mut count = 0;
    room.mix(&said, FRAME, &mut Desk::default(), |member, mix| {
        count += 1;
        let sevens = mix.samples.iter().filter(|&&sample| sample == 7).count();
        assert_eq!(sevens, if member == 0 { FRAME } else { 3 });
    });
    assert_eq!(count, 2);
}

#[test]
fn music_goes_on_under_an_announcement() {
    let mut frame = [1_000, 1_000, 32_000];
    blend(&mut frame, &[400, -400, 20_000], UNITY / 4);
    assert_eq!(frame, [1_100, 900, i16::MAX]);
}
