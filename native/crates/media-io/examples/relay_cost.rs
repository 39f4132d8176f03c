//! CPU of the engine for each relayed packet, on loopback:
//! `cargo run --release --example relay_cost -- [legs] [seconds]`.
//!
//! Every leg is bridged and hears 20 ms packets of G.711. The phones share one thread of this
//! process, whose CPU is not counted.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::thread::sleep;
use std::time::{Duration, Instant};

use media_core::g711::Codec;
use media_core::outbound::Target;
use media_core::rtp::Header;
use media_io::Remote;
use media_io::engine::Engine;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const FIRST_PORT: u16 = 10_000;
const PACKET: Duration = Duration::from_millis(20);

struct Phone {
    socket: UdpSocket,
    header: Header,
}

fn main() {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let legs = numbers.next().unwrap_or(200) as i64 / 2 * 2;
    let seconds = numbers.next().unwrap_or(10);
    let before_kib = resident_kib();
    let engine = Engine::start().expect("engine");
    let mut phones: Vec<Phone> = (0..legs).map(|leg| connect(&engine, leg)).collect();
    for leg in (0..legs).step_by(2) {
        engine.bridge(leg, leg + 1);
    }
    talk(&mut phones, Duration::from_secs(1));
    let memory_kib = resident_kib() - before_kib;
    let (cpu_before, packets_before) = (engine_cpu(), sent(&engine, legs));
    talk(&mut phones, Duration::from_secs(seconds));
    let (cpu_after, packets_after) = (engine_cpu(), sent(&engine, legs));
    let cpu = cpu_after - cpu_before;
    let packets = packets_after - packets_before;
    let per_packet = cpu / packets as u32;
    println!("{legs} legs, {packets} packets in {seconds} s, {:?} CPU", cpu);
    println!("{:.2} us per relayed packet", per_packet.as_nanos() as f64 / 1_000.0);
    println!("{:.3} ms CPU per bridged second", per_packet.as_nanos() as f64 * 100.0 / 1e6);
    println!("{:.1} kB of this process per leg", memory_kib as f64 / legs as f64);
}

fn connect(engine: &Engine, leg: i64) -> Phone {
    let port = FIRST_PORT + leg as u16 * 2;
    engine.open_leg(leg, LOCAL, port).expect("free ports");
    let socket = UdpSocket::bind((LOCAL, 0)).expect("a port");
    let address = socket.local_addr().expect("bound");
    socket.connect((LOCAL, port)).expect("loopback");
    socket.set_nonblocking(true).expect("a socket");
    engine.set_remote(
        leg,
        Remote {
            rtp: address,
            rtcp: SocketAddr::new(LOCAL, 9),
            also: None,
            target: Target { codec: Codec::Pcmu, frame: 160, events: Some(101) },
            send: true,
            receive: true,
        },
    );
    let header =
        Header { marker: false, payload_type: 0, sequence: 0, timestamp: 0, ssrc: leg as u32 };
    Phone { socket, header }
}

/// Every phone sends a packet each 20 ms, evenly spread over them, and takes what arrives.
fn talk(phones: &mut [Phone], duration: Duration) {
    let begun = Instant::now();
    let count = phones.len() as u32;
    let mut due = Duration::ZERO;
    let mut bytes = [0xffu8; 172];
    while due < duration {
        for phone in &mut *phones {
            due += PACKET / count;
            if let Some(early) = due.checked_sub(begun.elapsed()) {
                sleep(early);
            }
            phone.header.sequence = phone.header.sequence.wrapping_add(1);
            phone.header.timestamp = phone.header.timestamp.wrapping_add(160);
            bytes[..12].copy_from_slice(&phone.header.to_bytes());
            phone.socket.send(&bytes).expect("loopback");
            while phone.socket.recv(&mut [0; 2_048]).is_ok() {}
        }
    }
}

fn sent(engine: &Engine, legs: i64) -> u64 {
    (0..legs).filter_map(|leg| engine.statistics(leg)).map(|read| read.packets_sent).sum()
}

/// CPU of the threads whose name begins with `media`, from the scheduler's nanoseconds.
fn engine_cpu() -> Duration {
    let threads = fs::read_dir("/proc/self/task").expect("proc");
    let spent = threads.filter_map(|thread| {
        let path = thread.ok()?.path();
        let name = fs::read_to_string(path.join("comm")).ok()?;
        let statistics = fs::read_to_string(path.join("schedstat")).ok()?;
        name.starts_with("media").then_some(())?;
        statistics.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("VmRSS");
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number")
}
