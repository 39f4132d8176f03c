//! One-thread SIP/UDP and RTP load on loopback: a carrier that calls, and the phones that answer.
//!
//! It plays both ends of every call, so it knows what was sent, what arrived and where. Its standard
//! output is one JSON object a line; the last one, `result`, is the measurement.

mod call;
mod carrier;
mod digest;
mod load;
mod machine;
mod options;
mod phones;
mod register;
mod report;
mod rtp;
mod service;
mod sha256;
mod sip;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == "machine").is_some() {
        machine::run();
        return ExitCode::SUCCESS;
    }
    let outcome = if words.next_if(|word| word == "register").is_some() {
        match register::parse(words) {
            Ok(options) => register::run(&options),
            Err(problem) => return misused(&problem, register::USAGE),
        }
    } else {
        match options::parse(words) {
            Ok(options) => load::run(&options),
            Err(problem) => return misused(&problem, options::USAGE),
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("loadgen: {problem}");
            ExitCode::from(2)
        }
    }
}

fn misused(problem: &str, usage: &str) -> ExitCode {
    eprintln!("loadgen: {problem}\n\n{usage}");
    ExitCode::from(2)
}
