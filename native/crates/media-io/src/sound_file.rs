//! Sound files that grow: WAV, and Opus in Ogg. What is there can be played at every instant.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use media_audio::codec::opus::OPUS;
use media_audio::codec::{Codec, Encoder};
use media_audio::resample::Resampler;
use media_core::ogg_opus::{CLOCK_HZ, Format, Page, Pages, join};
use media_core::wav;

/// Milliseconds of an Opus packet.
const PACKET_MS: u32 = 20;
const PACKET_SAMPLES: u64 = CLOCK_HZ / 1_000 * PACKET_MS as u64;
/// What libopus delays speech of 16,000 Hz by, at `CLOCK_HZ`: 2.5 ms of overlap and 4 ms that its
/// modes are kept apart by. As OPUS_GET_LOOKAHEAD tells.
const ENCODER_DELAY: u16 = 312;
/// What the resampler delays narrowband audio by, at `CLOCK_HZ`: 1.5 ms.
const RESAMPLER_DELAY: u16 = 72;
/// The longest page: 255 segments of 255 octets and its header.
const PAGE_BYTES_MAX: usize = 27 + 255 + 255 * 255;
/// Code 0, wideband, 20 ms, mono, and no frame: nothing was sent (RFC 6716 §3.1, §3.2.1).
const NOTHING: [u8; 1] = [9 << 3];

/// A file that audio is appended to.
pub struct SoundFile {
    file: File,
    rate_hz: u32,
    channels: u16,
    kind: Kind,
}

enum Kind {
    Wav { frames: u64 },
    Opus(Box<OpusInOgg>),
}

impl SoundFile {
    /// Begins a file: `.opus` and `.ogg` are Opus, all others WAV. One or two channels, 8,000 or
    /// 16,000 Hz. What was there is gone.
    pub fn create(path: &str, rate_hz: u32, channels: u16) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).open(path)?;
        let extension = Path::new(path).extension().map(|it| it.to_ascii_lowercase());
        let is_opus = extension.is_some_and(|it| it == "opus" || it == "ogg");
        let kind = if is_opus {
            Kind::Opus(Box::new(OpusInOgg::begin(&file, rate_hz, channels)?))
        } else {
            file.write_all_at(&wav::header(rate_hz, channels, 0), 0)?;
            Kind::Wav { frames: 0 }
        };
        Ok(Self { file, rate_hz, channels, kind })
    }

    /// Frames (a sample of each channel) that a player finds.
    pub fn frames(&self) -> u64 {
        match &self.kind {
            Kind::Wav { frames } => *frames,
            Kind::Opus(opus) => opus.frames(),
        }
    }

    /// Of the audio, in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        self.frames() * 1_000 / u64::from(self.rate_hz)
    }

    /// Appends whole frames, channels interleaved. After an error what was there before stays.
    pub fn append(&mut self, samples: &[i16]) -> io::Result<()> {
        match &mut self.kind {
            Kind::Wav { frames } => {
                let bytes: Vec<u8> = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
                self.file.write_all_at(&bytes, wav_offset(self.channels, *frames))?;
                // The header follows the samples, so that it never promises what is not there.
                let longer = *frames + (samples.len() / usize::from(self.channels)) as u64;
                let header = wav::header(self.rate_hz, self.channels, longer);
                self.file.write_all_at(&header, 0)?;
                *frames = longer;
                Ok(())
            }
            Kind::Opus(opus) => opus.append(&self.file, samples),
        }
    }

    /// Ends the file at so many frames, all that there are if it has fewer, and sees it to disk.
    pub fn finish(&mut self, keep: u64) -> io::Result<()> {
        match &mut self.kind {
            Kind::Wav { frames } => {
                if keep < *frames {
                    self.file.write_all_at(&wav::header(self.rate_hz, self.channels, keep), 0)?;
                    *frames = keep;
                    self.file.set_len(wav_offset(self.channels, keep))?;
                }
            }
            Kind::Opus(opus) => opus.finish(&self.file, keep)?,
        }
        self.file.sync_data()
    }
}

fn wav_offset(channels: u16, frames: u64) -> u64 {
    wav::HEADER_BYTES as u64 + frames * u64::from(channels) * 2
}

/// A stream of Opus packets on their way into pages.
struct OpusInOgg {
    pages: Pages,
    voices: Vec<Voice>,
    pre_skip: u64,
    /// Samples of `CLOCK_HZ` in a frame.
    scale: u64,
    /// Frames taken.
    taken: u64,
    /// Octets in the file.
    length: u64,
    /// The pages of audio in the file: where each begins, and with which granule position.
    index: Vec<(u64, u64)>,
    /// Granule position at the end of the last page in the file.
    granule: u64,
    is_over: bool,
}

/// One channel.
struct Voice {
    encoder: Box<dyn Encoder>,
    resampler: Resampler,
    /// Less than a packet.
    waiting: Vec<i16>,
}

impl OpusInOgg {
    fn begin(file: &File, rate_hz: u32, channels: u16) -> io::Result<Self> {
        let codec: &Codec = &OPUS;
        let is_narrow = rate_hz < codec.rate_hz;
        let pre_skip = if is_narrow { ENCODER_DELAY + RESAMPLER_DELAY } else { ENCODER_DELAY };
        let wish = if is_narrow { "maxplaybackrate=8000" } else { "" };
        let voice = || Voice {
            encoder: (codec.new_encoder)(wish, PACKET_MS),
            resampler: Resampler::new(rate_hz, codec.rate_hz),
            waiting: Vec::new(),
        };
        let mut pages = Pages::new(1);
        let mut headers = Vec::new();
        let channels_told = u8::try_from(channels).unwrap_or(u8::MAX);
        pages.headers(Format { channels: channels_told, rate_hz, pre_skip }, &mut headers);
        file.write_all_at(&headers, 0)?;
        Ok(Self {
            pages,
            voices: (0..channels).map(|_| voice()).collect(),
            pre_skip: u64::from(pre_skip),
            scale: CLOCK_HZ / u64::from(rate_hz),
            taken: 0,
            length: headers.len() as u64,
            index: Vec::new(),
            granule: 0,
            is_over: false,
        })
    }

    fn frames(&self) -> u64 {
        self.granule.saturating_sub(self.pre_skip) / self.scale
    }

    fn append(&mut self, file: &File, samples: &[i16]) -> io::Result<()> {
        let channels = self.voices.len();
        self.taken += (samples.len() / channels) as u64;
        let mut side = Vec::with_capacity(samples.len() / channels);
        for (number, voice) in self.voices.iter_mut().enumerate() {
            side.clear();
            side.extend(samples.iter().skip(number).step_by(channels));
            voice.resampler.process(&side, &mut voice.waiting);
        }
        self.encode(file)
    }

    /// Makes packets of what waits, and writes the pages that they fill.
    fn encode(&mut self, file: &File) -> io::Result<()> {
        let frame = OPUS.samples_per_10_ms() * PACKET_MS as usize / 10;
        let (mut packet, mut page) = (Vec::new(), Vec::new());
        let mut at = 0;
        while self.voices.iter().all(|voice| voice.waiting.len() >= at + frame) {
            packet.clear();
            let mut left: Option<Vec<u8>> = None;
            for voice in &mut self.voices {
                let mut own = Vec::new();
                voice.encoder.encode(&voice.waiting[at..at + frame], &mut own);
                if own.is_empty() {
                    own.extend_from_slice(&NOTHING);
                }
                match left.take() {
                    Some(first) => join(&first, &own, &mut packet),
                    None => left = Some(own),
                }
            }
            packet.extend_from_slice(&left.unwrap_or_default());
            at += frame;
            self.pages.packet(&packet, PACKET_SAMPLES, &mut page);
            if !page.is_empty() {
                self.write(file, &mut page)?;
            }
        }
        self.voices.iter_mut().for_each(|voice| drop(voice.waiting.drain(..at)));
        Ok(())
    }

    /// Writes what is one page, or the last one.
    fn write(&mut self, file: &File, page: &mut Vec<u8>) -> io::Result<()> {
        let end = Page::read(page).map_or(self.granule, |made| made.granule);
        if let Err(error) = file.write_all_at(page, self.length) {
            // A piece of a page is of no use to anybody.
            let _ = file.set_len(self.length);
            return Err(error);
        }
        self.index.push((self.length, self.granule));
        self.length += page.len() as u64;
        self.granule = end;
        page.clear();
        Ok(())
    }

    fn finish(&mut self, file: &File, keep: u64) -> io::Result<()> {
        if self.is_over {
            return Ok(());
        }
        let end = self.pre_skip + keep.min(self.taken) * self.scale;
        self.push_out(file, end)?;
        if end <= self.granule {
            self.cut_back(file, end)?;
        }
        let mut last = Vec::new();
        self.pages.finish(end, &mut last);
        self.write(file, &mut last)?;
        self.is_over = true;
        Ok(())
    }

    /// Lets the encoder's delay run out, so that packets reach as far as the audio.
    fn push_out(&mut self, file: &File, end: u64) -> io::Result<()> {
        let frame = OPUS.samples_per_10_ms() * PACKET_MS as usize / 10;
        while self.pages.granule() < end {
            for voice in &mut self.voices {
                voice.waiting.resize(frame, 0);
            }
            self.encode(file)?;
        }
        Ok(())
    }

    /// Takes back the pages from the one on in which the audio ends, but for that one's beginning.
    fn cut_back(&mut self, file: &File, end: u64) -> io::Result<()> {
        let place = self.index.partition_point(|&(_, begins)| begins < end).saturating_sub(1);
        let Some(&(offset, begins)) = self.index.get(place) else { return Ok(()) };
        let mut bytes = vec![0; PAGE_BYTES_MAX.min((self.length - offset) as usize)];
        file.read_exact_at(&mut bytes, offset)?;
        let Some(page) = Page::read(&bytes) else { return Err(io::ErrorKind::InvalidData.into()) };
        let packets = (end - begins).div_ceil(PACKET_SAMPLES) as usize;
        self.pages.reopen(&page, begins, packets, PACKET_SAMPLES);
        self.index.truncate(place);
        self.length = offset;
        self.granule = begins;
        file.set_len(offset)
    }
}

#[cfg(test)]
#[path = "sound_file_tests.rs"]
mod tests;
