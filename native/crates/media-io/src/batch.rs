//! Many datagrams with one system call (recvmmsg, sendmmsg): entering the kernel costs more than
//! anything else that is done with a packet.

use std::io::{IoSlice, IoSliceMut};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;

use media_core::switch::{Datagram, Out};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};

/// Datagrams of one call.
const BATCH: usize = 64;
/// RTP over Ethernet has 1500 octets at most; longer datagrams are cut and then refused or useless.
const DATAGRAM_BYTES_MAX: usize = 2_048;

/// Reads from sockets, a batch at a time.
pub struct Receiver {
    headers: MultiHeaders<SockaddrStorage>,
    buffer: Vec<u8>,
    heads: Vec<(usize, SocketAddr)>,
}

impl Receiver {
    pub fn new() -> Self {
        Self {
            headers: MultiHeaders::preallocate(BATCH, None),
            buffer: vec![0; BATCH * DATAGRAM_BYTES_MAX],
            heads: Vec::with_capacity(BATCH),
        }
    }

    /// Takes what has come, at most a batch; the poll comes back while there is more.
    pub fn take(&mut self, socket: &UdpSocket, mut each: impl FnMut(SocketAddr, &mut [u8])) {
        self.heads.clear();
        read(socket, &mut self.headers, &mut self.buffer, &mut self.heads);
        let chunks = self.buffer.chunks_exact_mut(DATAGRAM_BYTES_MAX);
        for (&(length, from), chunk) in self.heads.iter().zip(chunks) {
            if from != NOBODY {
                each(from, &mut chunk[..length.min(DATAGRAM_BYTES_MAX)]);
            }
        }
    }
}

/// Fills the buffer's chunks with datagrams; notes how long each is and where it came from.
fn read(
    socket: &UdpSocket,
    headers: &mut MultiHeaders<SockaddrStorage>,
    buffer: &mut [u8],
    heads: &mut Vec<(usize, SocketAddr)>,
) {
    let chunks = buffer.chunks_exact_mut(DATAGRAM_BYTES_MAX);
    let mut slices: Vec<_> = chunks.map(|chunk| [IoSliceMut::new(chunk)]).collect();
    let flags = MsgFlags::MSG_DONTWAIT;
    // An error of the socket is told once and concerns a datagram that we sent.
    if let Ok(read) = recvmmsg(socket.as_raw_fd(), headers, slices.iter_mut(), flags, None) {
        for message in read {
            let from = message.address.as_ref().and_then(address_of);
            heads.push((message.bytes, from.unwrap_or(NOBODY)));
        }
    }
}

const NOBODY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0));

fn address_of(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| SocketAddrV4::from(*address));
    let v6 = || storage.as_sockaddr_in6().map(|address| SocketAddrV6::from(*address));
    v4.map(SocketAddr::V4).or_else(|| v6().map(SocketAddr::V6))
}

/// Sends through sockets, a batch at a time.
pub struct Sender {
    headers: MultiHeaders<SockaddrStorage>,
    order: Vec<usize>,
    to: Vec<Option<SockaddrStorage>>,
}

impl Sender {
    pub fn new() -> Self {
        Self {
            headers: MultiHeaders::preallocate(BATCH, None),
            order: Vec::new(),
            to: Vec::with_capacity(BATCH),
        }
    }

    /// Sends all datagrams; `socket` names the one that each leaves by. What the network does not
    /// take is lost, as packets may be.
    pub fn send<'s>(&mut self, out: &mut Out, socket: impl Fn(&Datagram) -> Option<&'s UdpSocket>) {
        let datagrams = &out.datagrams;
        self.order.clear();
        self.order.extend(0..datagrams.len());
        // The order in which a socket sends stays as it is: the sort is stable.
        self.order.sort_by_key(|&index| (datagrams[index].port, datagrams[index].is_rtcp));
        let mut rest = &self.order[..];
        while let Some(&first) = rest.first() {
            let head = &datagrams[first];
            let is_same = |&&index: &&usize| {
                let datagram = &datagrams[index];
                (datagram.port, datagram.is_rtcp) == (head.port, head.is_rtcp)
            };
            let count = rest.iter().take(BATCH).take_while(is_same).count();
            let (run, after) = rest.split_at(count);
            rest = after;
            let Some(socket) = socket(head) else { continue };
            if let [only] = run {
                let datagram = &datagrams[*only];
                let _ = socket.send_to(&out.bytes[datagram.range.clone()], datagram.to);
                continue;
            }
            self.to.clear();
            self.to
                .extend(run.iter().map(|&index| Some(SockaddrStorage::from(datagrams[index].to))));
            let slices: Vec<[IoSlice<'_>; 1]> = run
                .iter()
                .map(|&index| [IoSlice::new(&out.bytes[datagrams[index].range.clone()])])
                .collect();
            send_run(&mut self.headers, socket, &slices, &self.to);
        }
        out.clear_datagrams();
    }
}

/// Sends a run through one socket; a datagram that is refused does not hold up those behind it.
fn send_run(
    headers: &mut MultiHeaders<SockaddrStorage>,
    socket: &UdpSocket,
    slices: &[[IoSlice<'_>; 1]],
    to: &[Option<SockaddrStorage>],
) {
    let mut done = 0;
    while done < slices.len() {
        let flags = MsgFlags::MSG_DONTWAIT;
        let no_control: [nix::sys::socket::ControlMessage<'_>; 0] = [];
        let sent =
            sendmmsg(socket.as_raw_fd(), headers, &slices[done..], &to[done..], no_control, flags);
        done += sent.map_or(1, |results| results.count().max(1));
    }
}
