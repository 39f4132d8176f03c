//! A leg's pair of ports: RTP on one, RTCP on the next (RFC 3550 §11).

use std::io;
use std::net::{IpAddr, UdpSocket};

/// DSCP 46, expedited forwarding, in its place in the octet.
const EXPEDITED: u8 = 46 << 2;

/// Both sockets, or none.
#[derive(Debug)]
pub struct Sockets {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
}

impl Sockets {
    pub fn bind(ip: IpAddr, rtp_port: u16) -> io::Result<Self> {
        let next = rtp_port.checked_add(1).ok_or(io::Error::from_raw_os_error(NO_ADDRESS))?;
        let rtp = bind(ip, rtp_port)?;
        let rtcp = bind(ip, next)?;
        Ok(Self { rtp, rtcp })
    }
}

const NO_ADDRESS: i32 = rustix::io::Errno::ADDRNOTAVAIL.raw_os_error();

fn bind(ip: IpAddr, port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((ip, port))?;
    socket.set_nonblocking(true)?;
    if ip.is_ipv4() {
        // A network that does not want the mark is no reason to have no call.
        let _ = rustix::net::sockopt::set_ip_tos(&socket, EXPEDITED);
    }
    Ok(socket)
}
