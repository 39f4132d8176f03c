//! RTCP: compound packets of any kind; what we understood is what we can say again.

use media_core::bursts::Spread;
use media_core::reception::Loss;
use media_core::reported::Reported;
use media_core::rtcp::xr::{Extended, Since, Voice};
use media_core::rtcp::{self, Block, Report, Sender};

use crate::input::{Input, STEPS_MAX, framed};

const US: u32 = 9;

/// Datagrams of a peer, one after the other.
pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let mut reported = Reported::default();
    for step in 0..STEPS_MAX as u64 {
        if input.is_over() {
            break;
        }
        let datagram = input.datagram();
        let Some(heard) = rtcp::parse(datagram, US) else { continue };
        reported.hear(&heard, u64::from(input.word()) << 32, step * 50);
        assert!(reported.lost() <= reported.packets(), "more lost than sent");
        assert!(reported.round_trip_us().is_none_or(|us| us < 60_000_000));
        let ssrc = heard.ssrc.unwrap_or(5);
        let report = Report {
            ssrc,
            sender: heard.sender,
            reception: heard.block,
            cname: "fuzz",
            bye: heard.bye,
        };
        let extended = Extended { voice: heard.extended.voice, ..Extended::default() };
        let mut bytes = Vec::new();
        rtcp::write_extended(&report, &extended, &mut bytes);
        assert!(bytes.len() <= rtcp::PACKET_BYTES_MAX && bytes.len().is_multiple_of(4));
        let again = rtcp::parse(&bytes, US).expect("what we write is RTCP");
        assert_eq!((again.sender, again.bye), (heard.sender, heard.bye));
        assert_eq!((again.block, again.extended.voice), (heard.block, heard.extended.voice));
    }
}

/// Every kind of report at once, and a receiver's alone.
pub fn seeds() -> Vec<Vec<u8>> {
    let loss = Loss { ssrc: US, fraction: 3, cumulative: -2, highest: 70_000, jitter: 40 };
    let block = Block { loss, last_sr: 0x0102_0304, delay_since_last_sr: 655 };
    let sender = Sender { ntp: 1 << 40, timestamp: 160, packets: 50, octets: 8_000 };
    let spread = Spread { burst_density: 90, gap_density: 1, burst_ms: 80, gap_ms: 4_000 };
    let voice = Voice {
        ssrc: US,
        lost: 1,
        discarded: 2,
        spread,
        round_trip_ms: 40,
        end_system_ms: 30,
        r_factor: 90,
        listening: 42,
        conversation: 41,
        buffer_ms: 40,
        buffer_max_ms: 200,
    };
    let extended = Extended {
        reference: Some(7 << 32),
        since: Some(Since { ssrc: US, last_reference: 5, delay: 6 }),
        voice: Some(voice),
    };
    let report = |sender, bye| Report { ssrc: 5, sender, reception: Some(block), cname: "a", bye };
    let (mut whole, mut alone) = (Vec::new(), Vec::new());
    rtcp::write_extended(&report(Some(sender), true), &extended, &mut whole);
    rtcp::write(&report(None, false), &mut alone);
    let both: Vec<u8> = [&whole, &alone]
        .iter()
        .flat_map(|packet| [framed(&[], packet), vec![0, 3]].concat())
        .collect();
    vec![framed(&[], &whole), framed(&[], &alone), both]
}
