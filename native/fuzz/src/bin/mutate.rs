//! Looks for failures without knowing what an input reaches: changes seeds and what it has seen at
//! random. For toolchains without libFuzzer, for Miri, and to run a found input again.
//!
//!     mutate TARGET SECONDS FOLDER       failures are kept in the folder
//!     mutate TARGET --runs COUNT         for Miri, which is slow
//!     mutate TARGET --seeds FOLDER       writes what libFuzzer may begin with
//!     mutate TARGET FILE                 this input only

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use media_fuzz::{TARGETS, Target};

/// Inputs are not longer.
const BYTES_MAX: usize = 4_096;
/// Changes of one input.
const CHANGES_MAX: u64 = 6;
/// Values that programs count wrong with.
const EDGES: [u8; 10] = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xc8, 0xfe, 0xff];
/// An input that takes longer is a failure, too.
const INPUT_MAX: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(target) = words.first().and_then(|name| TARGETS.iter().find(|t| t.name == *name))
    else {
        eprintln!("which of {:?}?", TARGETS.map(|target| target.name));
        return ExitCode::from(2);
    };
    match words[1..] {
        ["--runs", count] => search(target, None, count.parse().unwrap_or(0), Duration::MAX),
        ["--seeds", folder] => {
            for (number, seed) in (target.seeds)().iter().enumerate() {
                let file = Path::new(folder).join(format!("seed{number}"));
                std::fs::write(file, seed).expect("a folder to write into");
            }
            ExitCode::SUCCESS
        }
        [file] => {
            (target.run)(&std::fs::read(file).expect("a readable file"));
            ExitCode::SUCCESS
        }
        [seconds, folder] => {
            let limit = Duration::from_secs(seconds.parse().unwrap_or(0));
            search(target, Some(Path::new(folder)), u64::MAX, limit)
        }
        _ => ExitCode::from(2),
    }
}

fn search(target: &Target, folder: Option<&Path>, runs: u64, limit: Duration) -> ExitCode {
    let started = Instant::now();
    // Under Miri there is no clock; the same numbers each time are as good there.
    let mut random = Random(if folder.is_none() { 1 } else { seed() });
    let known = (target.seeds)();
    let mut done = 0;
    while done < runs && (limit == Duration::MAX || started.elapsed() < limit) {
        let mut input = random.pick(&known).clone();
        for _ in 0..=random.below(CHANGES_MAX) {
            random.change(&mut input, &known);
        }
        input.truncate(BYTES_MAX);
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        let is_slow = limit != Duration::MAX && begun.elapsed() > INPUT_MAX;
        done += 1;
        if outcome.is_err() || is_slow {
            if let Some(folder) = folder {
                let file = folder.join(format!("crash-{}-{done}", std::process::id()));
                std::fs::write(&file, &input).expect("a folder to write into");
                eprintln!("{}: {} after {done} inputs", target.name, file.display());
            }
            return ExitCode::FAILURE;
        }
    }
    println!("{}: {done} inputs, nothing found", target.name);
    ExitCode::SUCCESS
}

fn seed() -> u64 {
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    clock.map_or(1, |since| since.as_nanos() as u64) ^ u64::from(std::process::id()) | 1
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    fn place(&mut self, input: &[u8]) -> usize {
        self.below(input.len() as u64) as usize
    }

    fn change(&mut self, input: &mut Vec<u8>, known: &[Vec<u8>]) {
        if input.is_empty() {
            input.push(self.next() as u8);
        }
        let place = self.place(input);
        match self.below(9) {
            0 => input[place] ^= 1 << self.below(8),
            1 => input[place] = self.next() as u8,
            2 => input[place] = *self.pick(&EDGES),
            3 => input[place] = input[place].wrapping_add(1),
            4 => input.truncate(place),
            5 => {
                let end = (place + 1 + self.below(16) as usize).min(input.len());
                input.drain(place..end);
            }
            6 => {
                let count = 1 + self.below(16) as usize;
                let fresh: Vec<u8> = (0..count).map(|_| self.next() as u8).collect();
                input.splice(place..place, fresh);
            }
            7 => {
                let end = (place + self.below(64) as usize).min(input.len());
                let again = input[place..end].to_vec();
                input.splice(place..place, again);
            }
            _ => {
                let other = self.pick(known).clone();
                let from = self.place(&other);
                input.truncate(place);
                input.extend_from_slice(&other[from..]);
            }
        }
    }
}
