//! Pairs of local ports: RTP on one, RTCP on the next (RFC 3550 §11). Legs may share a pair.

use std::io;
use std::net::{IpAddr, UdpSocket};

/// DSCP 46, expedited forwarding, in its place in the octet.
const EXPEDITED: u8 = 46 << 2;
/// Room for what comes in while the thread is busy: a pair may serve a thousand calls.
const RECEIVED_BYTES: usize = 1 << 20;
const NO_ADDRESS: i32 = rustix::io::Errno::ADDRNOTAVAIL.raw_os_error();

/// Both sockets, or none.
#[derive(Debug)]
pub struct Sockets {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    pub is_ipv6: bool,
}

impl Sockets {
    pub fn bind(ip: IpAddr, rtp_port: u16) -> io::Result<Self> {
        let next = rtp_port.checked_add(1).ok_or(io::Error::from_raw_os_error(NO_ADDRESS))?;
        let rtp = bind(ip, rtp_port)?;
        let rtcp = bind(ip, next)?;
        Ok(Self { rtp, rtcp, is_ipv6: ip.is_ipv6() })
    }
}

fn bind(ip: IpAddr, port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((ip, port))?;
    socket.set_nonblocking(true)?;
    // A network that does not want the mark, or a system that grants no room, is no reason to
    // have no call.
    let _ = match ip {
        IpAddr::V4(_) => rustix::net::sockopt::set_ip_tos(&socket, EXPEDITED),
        IpAddr::V6(_) => rustix::net::sockopt::set_ipv6_tclass(&socket, u32::from(EXPEDITED)),
    };
    let _ = rustix::net::sockopt::set_socket_recv_buffer_size(&socket, RECEIVED_BYTES);
    Ok(socket)
}
