//! One-thread SIP/UDP and RTP load on loopback: a carrier that calls, and the phones that answer.
//!
//! It plays both ends of every call, so it knows what was sent, what arrived and where. Its standard
//! output is one JSON object a line; the last one, `result`, is the measurement.

mod call;
mod carrier;
mod digest;
mod load;
mod options;
mod phones;
mod report;
mod rtp;
mod sip;

use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("loadgen: {problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match load::run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("loadgen: {problem}");
            ExitCode::from(2)
        }
    }
}
