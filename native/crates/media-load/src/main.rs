//! Plays the phones of a media server under measurement: each sends a packet every 20 ms and checks
//! what it hears. One thread that never sleeps, so that delays are measured and not made.
//!
//! A plan comes on stdin (see `plan.rs`), events go to stdout as lines of JSON: `up` when counting
//! begins, `ending` when it ends, `result`.
//!
//!     rtp_load --seconds 10 --warm 2 < plan

mod batch;
mod delays;
mod phone;
mod plan;
mod run;
mod sound;

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use run::Times;

fn main() -> ExitCode {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    let done = read
        .map_err(|error| error.to_string())
        .and_then(|_| times())
        .and_then(|times| run::run(plan::read(&text)?, &times));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rtp_load: {error}");
            ExitCode::from(2)
        }
    }
}

fn times() -> Result<Times, String> {
    let mut times = Times { warm: Duration::from_secs(2), counted: Duration::from_secs(10) };
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        let value = words.next().and_then(|text| text.parse().ok());
        let span = value.map(Duration::from_secs_f64).ok_or(format!("{name} needs seconds"))?;
        match name.as_str() {
            "--seconds" => times.counted = span,
            "--warm" => times.warm = span,
            _ => return Err(format!("{name} is unknown")),
        }
    }
    Ok(times)
}
