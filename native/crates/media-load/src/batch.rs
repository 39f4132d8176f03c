//! Many datagrams with one system call.

use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::{
    MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, sendmmsg, setsockopt, sockopt,
};

const AT_ONCE: usize = 64;
const DATAGRAM_MAX: usize = 512;
const SOCKET_BUFFER: usize = 4 << 20;

/// Room for a batch in either direction. Each has headers of its own: those that were sent with
/// point to addresses which are gone.
pub struct Batch {
    sent: MultiHeaders<SockaddrIn>,
    received: MultiHeaders<SockaddrIn>,
    buffers: Vec<[u8; DATAGRAM_MAX]>,
}

/// A phone's port, and the next one for what RTCP is sent there.
pub struct Port {
    socket: UdpSocket,
    _reports: Option<UdpSocket>,
}

impl Port {
    pub fn open(number: u16) -> Result<Self, String> {
        let open = |number: u16| {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, number))
                .map_err(|error| format!("port {number}: {error}"))?;
            socket.set_nonblocking(true).map_err(|error| error.to_string())?;
            Ok::<_, String>(socket)
        };
        let socket = open(number)?;
        // More than the system allows to everybody, where we may ask for it.
        if setsockopt(&socket, sockopt::RcvBufForce, &SOCKET_BUFFER).is_err() {
            let _ = setsockopt(&socket, sockopt::RcvBuf, &SOCKET_BUFFER);
        }
        Ok(Self { socket, _reports: open(number + 1).ok() })
    }
}

impl Batch {
    pub fn new() -> Self {
        Self {
            sent: MultiHeaders::preallocate(AT_ONCE, None),
            received: MultiHeaders::preallocate(AT_ONCE, None),
            buffers: vec![[0; DATAGRAM_MAX]; AT_ONCE],
        }
    }

    /// Sends each packet to a port of 127.0.0.1; returns how many the system took.
    pub fn send(&mut self, port: &Port, packets: &[(u16, Vec<u8>)]) -> usize {
        let mut sent = 0;
        while sent < packets.len() {
            let chunk = &packets[sent..packets.len().min(sent + AT_ONCE)];
            let slices: Vec<_> = chunk.iter().map(|(_, bytes)| [IoSlice::new(bytes)]).collect();
            let to: Vec<_> = chunk
                .iter()
                .map(|&(number, _)| {
                    Some(SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::LOCALHOST, number)))
                })
                .collect();
            let fd = port.socket.as_raw_fd();
            match sendmmsg(fd, &mut self.sent, &slices, &to, [], MsgFlags::empty()) {
                Ok(results) => sent += results.count(),
                // What an earlier packet met at its destination is told now, once.
                Err(Errno::ECONNREFUSED | Errno::EINTR) => {}
                Err(_) => break,
            }
        }
        sent
    }

    /// Takes what is there, at most one batch; false: nothing was.
    pub fn receive(&mut self, port: &Port, mut take: impl FnMut(u16, &mut [u8])) -> bool {
        let fd = port.socket.as_raw_fd();
        let received: Vec<_> = {
            let mut slices: Vec<_> =
                self.buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
            match recvmmsg(fd, &mut self.received, slices.iter_mut(), MsgFlags::empty(), None) {
                Ok(results) => results
                    .map(|message| (message.address.map_or(0, |from| from.port()), message.bytes))
                    .collect(),
                Err(_) => return false,
            }
        };
        for (buffer, &(from, length)) in self.buffers.iter_mut().zip(&received) {
            take(from, &mut buffer[..length]);
        }
        !received.is_empty()
    }
}
