use std::path::PathBuf;

use media_core::ogg_opus::Page;

use super::*;

/// A file of its own for each test, gone at its end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("callwright-files-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder.join(name))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn read(&self) -> Vec<u8> {
        std::fs::read(&self.0).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn tone(rate_hz: u32, frequency_hz: f64, frames: usize) -> Vec<i16> {
    let step = std::f64::consts::TAU * frequency_hz / f64::from(rate_hz);
    (0..frames).map(|at| (8_000.0 * (step * at as f64).sin()) as i16).collect()
}

/// What a player gets of an Opus file: channels at 16,000 Hz, and whether the stream was ended.
fn play(bytes: &[u8]) -> (Vec<Vec<i16>>, bool) {
    let mut rest = bytes;
    let mut pages = Vec::new();
    while let Some(page) = Page::read(rest) {
        rest = &rest[page.length..];
        pages.push(page);
    }
    assert!(pages.iter().enumerate().all(|(number, page)| page.sequence == number as u32));
    let head = pages[0].packets().next().unwrap();
    let channels = usize::from(head[9]);
    let skip = usize::from(u16::from_le_bytes([head[10], head[11]])) / 3;
    let mut decoders: Vec<_> = (0..channels).map(|_| (OPUS.new_decoder)("")).collect();
    let mut heard = vec![Vec::new(); channels];
    for packet in pages[2..].iter().flat_map(Page::packets) {
        let (left, right) = if channels == 2 { split(packet) } else { (packet.to_vec(), vec![]) };
        for (number, part) in [left, right].iter().take(channels).enumerate() {
            assert!(decoders[number].decode(part, &mut heard[number]));
        }
    }
    let end = pages.last().unwrap().granule as usize / 3;
    for side in &mut heard {
        assert!(side.len() >= end && side.len() < end + 16_000);
        side.truncate(end);
        side.drain(..skip.min(end));
    }
    (heard, pages.last().unwrap().is_last)
}

/// The two streams of a packet: the first one says how long it is.
fn split(packet: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (length, start) = match usize::from(packet[1]) {
        first @ 252.. => (first + 4 * usize::from(packet[2]), 3),
        first => (first, 2),
    };
    let mut left = vec![packet[0]];
    left.extend_from_slice(&packet[start..start + length]);
    (left, packet[start + length..].to_vec())
}

/// Strength of a frequency, 1 for a tone of ours.
fn strength(samples: &[i16], rate_hz: f64, frequency_hz: f64) -> f64 {
    let step = std::f64::consts::TAU * frequency_hz / rate_hz;
    let (mut re, mut im) = (0.0, 0.0);
    for (at, &sample) in samples.iter().enumerate() {
        re += f64::from(sample) * (step * at as f64).cos();
        im += f64::from(sample) * (step * at as f64).sin();
    }
    re.hypot(im) * 2.0 / samples.len() as f64 / 8_000.0
}

#[test]
fn a_wav_file_is_whole_at_every_step_and_cut_at_its_end() {
    let place = Place::new("steps.wav");
    let mut file = SoundFile::create(place.path(), 16_000, 2).unwrap();
    for step in 1..=3u64 {
        file.append(&[5; 640]).unwrap();
        let bytes = place.read();
        assert_eq!(bytes.len() as u64, 44 + step * 1_280);
        assert_eq!(bytes[40..44], (step as u32 * 1_280).to_le_bytes());
    }
    assert_eq!(file.duration_ms(), 60);
    file.finish(400).unwrap();
    assert_eq!((file.frames(), file.duration_ms()), (400, 25));
    assert_eq!(place.read().len(), 44 + 1_600);
    assert_eq!(place.read()[40..44], 1_600u32.to_le_bytes());
}

#[test]
fn an_opus_file_has_its_exact_length_and_its_tone_from_the_first_sample_on() {
    for rate_hz in [8_000, 16_000] {
        let place = Place::new(&format!("tone-{rate_hz}.opus"));
        let mut file = SoundFile::create(place.path(), rate_hz, 1).unwrap();
        let frames = rate_hz as usize * 2 + 123;
        for piece in tone(rate_hz, 700.0, frames).chunks(rate_hz as usize / 50) {
            file.append(piece).unwrap();
        }
        file.finish(u64::MAX).unwrap();
        assert_eq!(file.frames(), frames as u64);
        let (heard, is_ended) = play(&place.read());
        assert!(is_ended);
        assert_eq!(heard[0].len(), frames * 16_000 / rate_hz as usize);
        assert!(strength(&heard[0][1_000..17_000], 16_000.0, 700.0) > 0.8);
        let loudest = |part: &[i16]| part.iter().map(|it| it.unsigned_abs()).max().unwrap();
        assert!(loudest(&heard[0][..48]) > 1_500, "the start is not lost");
        assert!(loudest(&heard[0][heard[0].len() - 48..]) > 1_500, "nor is the end");
    }
}

#[test]
fn an_onset_is_where_it_was() {
    let place = Place::new("onset.ogg");
    let mut file = SoundFile::create(place.path(), 8_000, 1).unwrap();
    file.append(&vec![0; 8_000]).unwrap();
    file.append(&tone(8_000, 1_000.0, 8_000)).unwrap();
    file.finish(u64::MAX).unwrap();
    let heard = play(&place.read()).0.remove(0);
    let onset = heard.iter().position(|sample| sample.abs() > 2_500).unwrap();
    assert!((15_970..16_060).contains(&onset), "{onset}");
}

#[test]
fn sides_do_not_leak_into_each_other() {
    let place = Place::new("sides.opus");
    let mut file = SoundFile::create(place.path(), 16_000, 2).unwrap();
    let (left, right) = (tone(16_000, 500.0, 24_000), tone(16_000, 1_300.0, 24_000));
    let both: Vec<i16> = left.iter().zip(&right).flat_map(|(&one, &two)| [one, two]).collect();
    file.append(&both).unwrap();
    file.finish(u64::MAX).unwrap();
    let (heard, _) = play(&place.read());
    for (side, own, other) in [(&heard[0], 500.0, 1_300.0), (&heard[1], 1_300.0, 500.0)] {
        assert_eq!(side.len(), 24_000);
        assert!(strength(&side[2_000..18_000], 16_000.0, own) > 0.8);
        assert!(strength(&side[2_000..18_000], 16_000.0, other) < 0.01);
    }
}

#[test]
fn an_opus_file_can_be_played_while_it_grows() {
    let place = Place::new("growing.opus");
    let mut file = SoundFile::create(place.path(), 8_000, 1).unwrap();
    let mut lengths = Vec::new();
    for piece in tone(8_000, 700.0, 8_000 * 3).chunks(2_000) {
        file.append(piece).unwrap();
        let (heard, is_ended) = play(&place.read());
        assert!(!is_ended);
        assert_eq!(heard[0].len() as u64, 2 * file.frames());
        lengths.push(file.duration_ms());
    }
    assert!(lengths.is_sorted());
    assert!(lengths[11] >= 1_990, "{lengths:?}");
}

#[test]
fn the_end_is_cut_wherever_it_lies() {
    let audio = tone(8_000, 700.0, 8_000 * 3 + 77);
    for keep in [0, 1, 100, 7_936, 7_937, 8_000, 15_936, 15_937, 20_000, 24_000, 24_077] {
        let place = Place::new(&format!("cut-{keep}.opus"));
        let mut file = SoundFile::create(place.path(), 8_000, 1).unwrap();
        file.append(&audio).unwrap();
        file.finish(keep).unwrap();
        assert_eq!(file.frames(), keep);
        let (heard, is_ended) = play(&place.read());
        assert!(is_ended, "{keep}");
        assert_eq!(heard[0].len() as u64, keep * 2);
        if keep > 4_000 {
            assert!(strength(&heard[0][1_000..], 16_000.0, 700.0) > 0.8, "{keep}");
        }
    }
}

#[test]
fn nothing_at_all_is_a_file_too() {
    for name in ["empty.opus", "empty.wav"] {
        let place = Place::new(name);
        let mut file = SoundFile::create(place.path(), 8_000, 1).unwrap();
        file.finish(u64::MAX).unwrap();
        assert_eq!(file.duration_ms(), 0);
        assert!(place.read().len() >= 44);
    }
}

#[test]
fn silence_and_noise_are_encoded_as_they_come() {
    let place = Place::new("silence.opus");
    let mut file = SoundFile::create(place.path(), 16_000, 2).unwrap();
    let mut seed = 1u32;
    let noise = (0..32_000).map(|_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) as i16
    });
    let noise: Vec<i16> = noise.collect();
    file.append(&vec![0; 64_000]).unwrap();
    file.append(&noise).unwrap();
    file.finish(u64::MAX).unwrap();
    let (heard, is_ended) = play(&place.read());
    assert!(is_ended);
    assert_eq!(heard[1].len(), 48_000);
    assert!(heard[0][..30_000].iter().all(|sample| sample.abs() < 50));
}

#[test]
fn a_full_disk_and_a_missing_folder_are_told() {
    assert!(SoundFile::create("/dev/full", 8_000, 1).is_err());
    assert!(SoundFile::create("/nowhere/at/all.wav", 8_000, 1).is_err());
}
