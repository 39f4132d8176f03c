//! Many datagrams with one system call (recvmmsg, sendmmsg): entering the kernel costs more than
//! anything else that is done with a packet.

use std::io::{IoSlice, IoSliceMut};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;

use media_core::switch::{Datagram, Out};
use nix::errno::Errno;
use nix::sys::socket::{
    MsgFlags, MultiHeaders, SockaddrIn, SockaddrIn6, SockaddrLike, SockaddrStorage, recvmmsg,
    sendmmsg,
};

/// Datagrams of one call.
const BATCH: usize = 64;
/// A pair that one leg is at has one datagram most of the time, one of some dozens a dozen; to offer
/// room for a batch costs more, so that is done when more than these came.
const FEW: usize = 16;
/// Batches that a socket gets before others have their turn.
const BATCHES_MAX: usize = 16;
/// RTP over Ethernet has 1500 octets at most; longer datagrams are cut and then refused or useless.
const DATAGRAM_BYTES_MAX: usize = 2_048;
/// From one datagram to the next. The beginnings, which are all that most have, would share a few places
/// of a cache if it were a power of two.
const STRIDE: usize = DATAGRAM_BYTES_MAX + 192;

/// Reads from sockets, a batch at a time.
pub struct Receiver {
    // The kernel is told the room for an address once, and then that of the one that came last in
    // the same place: an IPv6 address would be cut off after an IPv4 one.
    v4: MultiHeaders<SockaddrIn>,
    v6: MultiHeaders<SockaddrIn6>,
    buffer: Vec<u8>,
    heads: Vec<(usize, SocketAddr)>,
}

impl Receiver {
    pub fn new() -> Self {
        Self {
            v4: MultiHeaders::preallocate(BATCH, None),
            v6: MultiHeaders::preallocate(BATCH, None),
            buffer: vec![0; BATCH * STRIDE],
            heads: Vec::with_capacity(BATCH),
        }
    }

    /// Takes what has come; true when more may be there, for everybody else comes first. `is_ipv6`
    /// is what the socket is.
    pub fn take(
        &mut self,
        socket: &UdpSocket,
        is_ipv6: bool,
        mut each: impl FnMut(SocketAddr, &mut [u8]),
    ) -> bool {
        for room in std::iter::once(FEW).chain([BATCH; BATCHES_MAX]) {
            let is_read = self.read(socket, is_ipv6, room);
            let chunks = self.buffer.chunks_exact_mut(STRIDE);
            for (&(length, from), chunk) in self.heads.iter().zip(chunks) {
                if from != NOBODY {
                    each(from, &mut chunk[..length.min(DATAGRAM_BYTES_MAX)]);
                }
            }
            if is_read && self.heads.len() < room {
                return false;
            }
        }
        true
    }

    /// Fills the first chunks of the buffer with so many datagrams at most; notes how long each is and
    /// where it came from. False: there was an error instead.
    fn read(&mut self, socket: &UdpSocket, is_ipv6: bool, room: usize) -> bool {
        self.heads.clear();
        let heads = &mut self.heads;
        let mut chunks = self.buffer.chunks_exact_mut(STRIDE);
        let (mut few, mut many): ([_; FEW], Vec<_>);
        let slices = if room == FEW {
            few = std::array::from_fn(|_| chunks.next().map_or(nowhere(), room_in));
            &mut few[..]
        } else {
            many = chunks.take(room).map(room_in).collect();
            &mut many[..]
        };
        if is_ipv6 {
            read(socket, &mut self.v6, slices, heads, |&from| SocketAddrV6::from(from).into())
        } else {
            read(socket, &mut self.v4, slices, heads, |&from| SocketAddrV4::from(from).into())
        }
    }
}

fn room_in(chunk: &mut [u8]) -> [IoSliceMut<'_>; 1] {
    [IoSliceMut::new(&mut chunk[..DATAGRAM_BYTES_MAX])]
}

fn nowhere<'a>() -> [IoSliceMut<'a>; 1] {
    [IoSliceMut::new(&mut [])]
}

fn read<'a, S: SockaddrLike + Copy>(
    socket: &UdpSocket,
    headers: &'a mut MultiHeaders<S>,
    slices: &'a mut [[IoSliceMut<'a>; 1]],
    heads: &mut Vec<(usize, SocketAddr)>,
    address_of: impl Fn(&S) -> SocketAddr,
) -> bool {
    let flags = MsgFlags::MSG_DONTWAIT;
    match recvmmsg(socket.as_raw_fd(), headers, slices.iter_mut(), flags, None) {
        Ok(read) => heads.extend(read.map(|message| {
            let from = message.address.as_ref().map(&address_of);
            (message.bytes, from.unwrap_or(NOBODY))
        })),
        Err(Errno::EAGAIN) => {}
        // It is told once and concerns a datagram that we sent; there may be others behind it.
        Err(_) => return false,
    }
    true
}

const NOBODY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0));

/// Sends through sockets, a batch at a time.
pub struct Sender {
    v4: Envelopes<SockaddrIn>,
    any: Envelopes<SockaddrStorage>,
    order: Vec<Turn>,
}

impl Sender {
    pub fn new() -> Self {
        Self { v4: Envelopes::new(), any: Envelopes::new(), order: Vec::new() }
    }

    /// Sends all datagrams; `socket` names the one that each leaves by. What the network does not
    /// take is lost, as packets may be.
    pub fn send<'s>(&mut self, out: &mut Out, socket: impl Fn(&Datagram) -> Option<&'s UdpSocket>) {
        self.order.clear();
        self.order.extend(out.datagrams.iter().enumerate().map(Turn::of));
        self.order.sort_unstable();
        for run in self.order.chunk_by(Turn::is_beside).flat_map(|run| run.chunks(BATCH)) {
            let mut run = run.iter().map(|turn| &out.datagrams[turn.index()]);
            let Some(socket) = run.clone().next().and_then(&socket) else { continue };
            let octets = |datagram: &Datagram| &out.bytes[datagram.range.clone()];
            if let (1, Some(only)) = (run.len(), run.clone().next()) {
                let _ = socket.send_to(octets(only), only.to);
                continue;
            }
            let mut slices = [[IoSlice::new(&[])]; BATCH];
            let slices = &mut slices[..run.len()];
            for (slice, datagram) in slices.iter_mut().zip(run.clone()) {
                *slice = [IoSlice::new(octets(datagram))];
            }
            if run.clone().all(|datagram| datagram.to.is_ipv4()) {
                self.v4.send(socket, slices, run.filter_map(|datagram| v4_of(datagram.to)));
            } else {
                self.any.send(socket, slices, run.by_ref().map(|datagram| datagram.to.into()));
            }
        }
        out.clear_datagrams();
    }
}

/// When a datagram has its turn: those of one socket together, in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn(u64);

impl Turn {
    const INDEX_BITS: u32 = 31;

    fn of((index, datagram): (usize, &Datagram)) -> Self {
        let socket = u64::from(datagram.port) << 1 | u64::from(datagram.is_rtcp);
        Self(socket << Self::INDEX_BITS | index as u64)
    }

    fn is_beside(&self, other: &Self) -> bool {
        self.0 >> Self::INDEX_BITS == other.0 >> Self::INDEX_BITS
    }

    fn index(self) -> usize {
        (self.0 & ((1 << Self::INDEX_BITS) - 1)) as usize
    }
}

/// What the kernel is told of the addresses of a batch. Those of IPv4 are an eighth of the others.
struct Envelopes<S> {
    headers: MultiHeaders<S>,
    to: Vec<Option<S>>,
}

impl<S: SockaddrLike + Copy> Envelopes<S> {
    fn new() -> Self {
        Self { headers: MultiHeaders::preallocate(BATCH, None), to: Vec::with_capacity(BATCH) }
    }

    /// Sends a run through one socket; a datagram that is refused does not hold up those behind it.
    fn send(
        &mut self,
        socket: &UdpSocket,
        slices: &[[IoSlice<'_>; 1]],
        to: impl Iterator<Item = S>,
    ) {
        self.to.clear();
        self.to.extend(to.map(Some));
        let (mut done, flags) = (0, MsgFlags::MSG_DONTWAIT);
        while done < slices.len() {
            let no_control: [nix::sys::socket::ControlMessage<'_>; 0] = [];
            let (slices, to) = (&slices[done..], &self.to[done..]);
            let sent =
                sendmmsg(socket.as_raw_fd(), &mut self.headers, slices, to, no_control, flags);
            done += sent.map_or(1, |results| results.count().max(1));
        }
    }
}

fn v4_of(address: SocketAddr) -> Option<SockaddrIn> {
    match address {
        SocketAddr::V4(address) => Some(address.into()),
        SocketAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_emptied_however_much_has_come() {
        let (here, there) = (bound("127.0.0.1"), bound("127.0.0.1"));
        let mut receiver = Receiver::new();
        for count in [0, 1, FEW, FEW + 1, FEW + BATCH, FEW + BATCH + 1] {
            for number in 0..count {
                there.send_to(&[number as u8; 20], here.local_addr().unwrap()).unwrap();
            }
            let mut numbers = Vec::new();
            let is_more = receiver.take(&here, false, |_, datagram| numbers.push(datagram[0]));
            assert!(!is_more);
            assert_eq!(numbers, (0..count as u8).collect::<Vec<_>>());
        }
    }

    fn bound(ip: &str) -> UdpSocket {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket
    }

    /// Loopback delivers before the sender returns.
    fn sources(receiver: &mut Receiver, socket: &UdpSocket, is_ipv6: bool) -> Vec<SocketAddr> {
        let mut sources = Vec::new();
        receiver.take(socket, is_ipv6, |from, _| sources.push(from));
        sources
    }

    #[test]
    fn each_socket_sends_its_own_in_their_order() {
        let (ours, peers) =
            ([bound("127.0.0.1"), bound("127.0.0.1")], [bound("127.0.0.1"), bound("127.0.0.1")]);
        let (mut sender, mut receiver, mut out) = (Sender::new(), Receiver::new(), Out::default());
        for number in 0..3 * BATCH as u8 {
            let start = out.bytes.len();
            out.bytes.push(number);
            let to = peers[usize::from(number / 2 % 2)].local_addr().unwrap();
            out.sent(u32::from(number % 2), false, to, start);
        }
        sender.send(&mut out, |datagram| ours.get(datagram.port as usize));
        assert!(out.datagrams.is_empty() && out.bytes.is_empty());
        for (place, peer) in peers.iter().enumerate() {
            let mut came = [Vec::new(), Vec::new()];
            receiver.take(peer, false, |from, datagram| {
                let port = ours.iter().position(|ours| ours.local_addr().unwrap() == from);
                came[port.unwrap()].push(datagram[0]);
            });
            for (port, came) in came.iter().enumerate() {
                let sent = (0..3 * BATCH as u8)
                    .filter(|number| usize::from(number % 4) == place * 2 + port);
                assert_eq!(*came, sent.collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_long_address_after_a_short_one_is_whole() {
        let (here, there) = (bound("127.0.0.1"), bound("127.0.0.1"));
        let (here6, there6) = (bound("::1"), bound("::1"));
        let mut receiver = Receiver::new();
        for _ in 0..2 {
            there.send_to(&[1; 20], here.local_addr().unwrap()).unwrap();
            assert_eq!(sources(&mut receiver, &here, false), [there.local_addr().unwrap()]);
            there6.send_to(&[2; 20], here6.local_addr().unwrap()).unwrap();
            assert_eq!(sources(&mut receiver, &here6, true), [there6.local_addr().unwrap()]);
        }
    }
}
