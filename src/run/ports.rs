//! Port pairs for RTP and RTCP, opened before a call is answered.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

use rand::RngExt;
use socket2::{Domain, Protocol, Socket, Type};

use super::wheel::Sockets;

/// Pairs tried before a call is refused.
const TRIES: usize = 64;
/// Some 300 ms of 20 ms packets even at 60 ms bursts; the kernel doubles it.
const BUFFER_BYTES: usize = 64 * 1024;

/// Opens an even port and the next one on `ip`: at random, so that nobody can aim at them (SECURITY.md).
pub fn open(ip: IpAddr, range: &RangeInclusive<u16>) -> io::Result<(Sockets, SocketAddr)> {
    let (low, high) = (range.start().div_ceil(2), range.end() / 2);
    if low >= high {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the RTP port range holds no pair: widen rtp-ports"));
    }
    for _ in 0..TRIES {
        let port = rand::rng().random_range(low..high) * 2;
        let at = SocketAddr::new(ip, port);
        let pair = socket(at).and_then(|rtp| Ok((rtp, socket(SocketAddr::new(ip, port + 1))?)));
        match pair {
            Ok((rtp, rtcp)) => return Ok((Sockets { rtp, rtcp }, at)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no free pair of RTP ports: widen rtp-ports"))
}

fn socket(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(at), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(BUFFER_BYTES)?;
    socket.bind(&at.into())?;
    Ok(socket.into())
}
