//! A relay that does nothing with a packet: what is left is the kernel's part of relaying, on this
//! machine and in these minutes. No relay that uses sockets takes less.
//!
//! Routes come on stdin, one a line and an empty one at the end: the local port that packets come in
//! at, the port of 127.0.0.1 that they come from, the local port that they leave by, the port that
//! they go to. It says `ready` on stdout, and ends when stdin does.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::{BufRead, IoSlice, IoSliceMut, Read};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, sendmmsg};

const AT_ONCE: usize = 64;
const DATAGRAM_MAX: usize = 512;
/// Packets gather for so long, as the engine lets them.
const GATHER: Duration = Duration::from_millis(1);

/// A local port.
struct Gate {
    socket: UdpSocket,
    /// By the port that a packet comes from: the gate that it leaves by, and where it goes.
    routes: HashMap<u16, (usize, SockaddrIn)>,
    /// What leaves by this gate: where it goes, and which of the octets it is.
    leaving: Vec<(SockaddrIn, Range<usize>)>,
}

fn main() -> ExitCode {
    match planned().and_then(|gates| relay(gates).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bare_relay: {error}");
            ExitCode::from(2)
        }
    }
}

fn planned() -> Result<Vec<Gate>, String> {
    let (mut gates, mut places) = (Vec::new(), BTreeMap::new());
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        if line.is_empty() {
            break;
        }
        let ports: Vec<u16> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        let &[entry, from, exit, to] = ports.as_slice() else {
            return Err(format!("four ports are needed: {line}"));
        };
        let [entry, exit] = [entry, exit].map(|port| gate_at(port, &mut gates, &mut places));
        let exit = exit?;
        gates[entry?]
            .routes
            .insert(from, (exit, SocketAddrV4::new(Ipv4Addr::LOCALHOST, to).into()));
    }
    Ok(gates)
}

fn gate_at(
    port: u16,
    gates: &mut Vec<Gate>,
    places: &mut BTreeMap<u16, usize>,
) -> Result<usize, String> {
    if let Some(&place) = places.get(&port) {
        return Ok(place);
    }
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port));
    let socket = socket.map_err(|error| format!("port {port}: {error}"))?;
    gates.push(Gate { socket, routes: HashMap::new(), leaving: Vec::new() });
    places.insert(port, gates.len() - 1);
    Ok(gates.len() - 1)
}

fn relay(mut gates: Vec<Gate>) -> nix::Result<()> {
    println!("ready");
    thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let mut buffers = vec![[0; DATAGRAM_MAX]; AT_ONCE];
    let mut headers = MultiHeaders::preallocate(AT_ONCE, None);
    let mut octets = Vec::new();
    loop {
        thread::sleep(GATHER);
        octets.clear();
        for place in 0..gates.len() {
            while receive(&mut gates, place, &mut buffers, &mut headers, &mut octets) == AT_ONCE {}
        }
        for gate in &mut gates {
            send(gate, &octets)?;
        }
    }
}

/// Takes one batch; returns how many came.
fn receive(
    gates: &mut [Gate],
    place: usize,
    buffers: &mut [[u8; DATAGRAM_MAX]],
    headers: &mut MultiHeaders<SockaddrIn>,
    octets: &mut Vec<u8>,
) -> usize {
    let fd = gates[place].socket.as_raw_fd();
    let came: Vec<_> = {
        let mut slices: Vec<_> =
            buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
        match recvmmsg(fd, headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None) {
            Ok(came) => came
                .map(|message| (message.address.map_or(0, |from| from.port()), message.bytes))
                .collect(),
            Err(_) => return 0,
        }
    };
    for (&(from, length), buffer) in came.iter().zip(buffers) {
        if let Some(&(exit, to)) = gates[place].routes.get(&from) {
            let start = octets.len();
            octets.extend_from_slice(&buffer[..length]);
            gates[exit].leaving.push((to, start..octets.len()));
        }
    }
    came.len()
}

fn send(gate: &mut Gate, octets: &[u8]) -> nix::Result<()> {
    for batch in gate.leaving.chunks(AT_ONCE) {
        let mut headers = MultiHeaders::preallocate(batch.len(), None);
        let slices: Vec<_> =
            batch.iter().map(|(_, range)| [IoSlice::new(&octets[range.clone()])]).collect();
        let to: Vec<_> = batch.iter().map(|&(to, _)| Some(to)).collect();
        let fd = gate.socket.as_raw_fd();
        sendmmsg(fd, &mut headers, &slices, &to, [], MsgFlags::empty())?;
    }
    gate.leaving.clear();
    Ok(())
}
