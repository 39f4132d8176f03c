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
            buffer: vec![0; BATCH * DATAGRAM_BYTES_MAX],
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
            let chunks = self.buffer.chunks_exact_mut(DATAGRAM_BYTES_MAX);
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
        let mut chunks = self.buffer.chunks_exact_mut(DATAGRAM_BYTES_MAX);
        let (mut few, mut many): ([_; FEW], Vec<_>);
        let slices = if room == FEW {
            few = std::array::from_fn(|_| [IoSliceMut::new(chunks.next().unwrap_or_default())]);
            &mut few[..]
        } else {
            many = chunks.take(room).map(|chunk| [IoSliceMut::new(chunk)]).collect();
            &mut many[..]
        };
        if is_ipv6 {
            read(socket, &mut self.v6, slices, heads, |&from| SocketAddrV6::from(from).into())
        } else {
            read(socket, &mut self.v4, slices, heads, |&from| SocketAddrV4::from(from).into())
        }
    }
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
