//! What threads ask of the operating system: to be woken on time, and all packets of a socket at once.
//! The only `unsafe` of the program; every block calls one function of libc on memory that is owned
//! here, or borrowed for the length of the call. One wakes the C code of a voice, which [`super::worker`]
//! does in a child.
#![allow(unsafe_code, reason = "system calls that the standard library does not have")]

use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;
use std::ptr;

use crate::clock::{Mono, System};

/// `SCHED_FIFO` priority of audio.
pub const AUDIO: i32 = 10;
/// Of signalling: before rows, files and the page, but never before audio.
pub const SIGNALLING: i32 = 5;

/// `SCHED_FIFO` for this thread where the system allows it; otherwise it stays as it is.
pub fn realtime(priority: i32) {
    let parameters = libc::sched_param { sched_priority: priority };
    // SAFETY: a valid pointer to a parameter that the call only reads; 0 is the calling thread.
    let refused = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) } != 0;
    tracing::debug!(realtime = !refused, priority, "thread");
}

/// Sleeps until `deadline`, which may have passed.
pub fn sleep_until(clock: &System, deadline: Mono) {
    let left = deadline.since(clock.mono());
    if !left.is_zero() {
        std::thread::sleep(left);
    }
}

/// Packets taken from one socket in one go: four times what 10 ms packets need, so that a flood
/// costs its own stream only.
const PACKETS: usize = 8;
/// The largest packet that is read; longer ones are cut and fail.
const PACKET_BYTES: usize = 2048;

/// Memory for the packets of one socket, used again for every socket: one system call takes all that
/// wait, where reading them one by one needs a further call to learn that there are no more.
pub struct Batch {
    bytes: Box<[[u8; PACKET_BYTES]; PACKETS]>,
    names: [libc::sockaddr_storage; PACKETS],
    lengths: [usize; PACKETS],
}

impl Batch {
    /// Empty.
    pub fn new() -> Batch {
        // SAFETY: sockaddr_storage is plain C data, for which all zeroes is a value.
        let names = unsafe { mem::zeroed() };
        Batch { bytes: Box::new([[0; PACKET_BYTES]; PACKETS]), names, lengths: [0; PACKETS] }
    }

    /// Takes what waits in the socket without blocking, and gives it packet by packet.
    pub fn receive(&mut self, socket: &UdpSocket) -> impl Iterator<Item = (&[u8], SocketAddr)> {
        let count = self.fill(socket);
        let packets = self.bytes.iter().zip(&self.lengths).zip(&self.names).take(count);
        packets.filter_map(|((bytes, length), name)| Some((bytes.get(..*length)?, address(name)?)))
    }

    fn fill(&mut self, socket: &UdpSocket) -> usize {
        // SAFETY: iovec and mmsghdr are plain C data, for which all zeroes is a value.
        let (mut vectors, mut headers): ([libc::iovec; PACKETS], [libc::mmsghdr; PACKETS]) = unsafe { mem::zeroed() };
        let memory = self.bytes.iter_mut().zip(&mut self.names);
        for ((header, vector), (bytes, name)) in headers.iter_mut().zip(&mut vectors).zip(memory) {
            *vector = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: PACKET_BYTES };
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = ptr::from_mut(name).cast();
            header.msg_hdr.msg_namelen = mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        }
        // SAFETY: each of the PACKETS headers points at one buffer and one name of this Batch, which live
        // and stay where they are until the call returns, and says their true lengths.
        let got = unsafe {
            let count = PACKETS as libc::c_uint;
            libc::recvmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), count, libc::MSG_DONTWAIT as _, ptr::null_mut())
        };
        for (length, header) in self.lengths.iter_mut().zip(&headers) {
            *length = header.msg_len as usize;
        }
        // Empty or interrupted: nothing to read in this round.
        usize::try_from(got).unwrap_or(0)
    }
}

/// Who sent it; none for a family that no socket of ours has.
fn address(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let name = ptr::from_ref(name);
    // SAFETY: the family says which of the two it is; sockaddr_storage is large enough and aligned for both.
    unsafe {
        match libc::c_int::from((*name).ss_family) {
            libc::AF_INET => {
                let v4 = &*name.cast::<libc::sockaddr_in>();
                let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
                Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
            }
            libc::AF_INET6 => {
                let v6 = &*name.cast::<libc::sockaddr_in6>();
                let (ip, port) = (Ipv6Addr::from(v6.sin6_addr.s6_addr), u16::from_be(v6.sin6_port));
                Some(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id).into())
            }
            _ => None,
        }
    }
}

/// A voice of SVOX Pico from the files of its text analysis and its sound, whose paths have to be shorter
/// than 64 bytes. For a child process only: this is C of 2009.
pub fn pico(analysis: &str, sound: &str) -> Result<ttspico::Engine, ttspico::PicoError> {
    /// As much as SVOX's own programs give it.
    const MEMORY_BYTES: usize = 2_500_000;
    let system = ttspico::System::new(MEMORY_BYTES)?;
    let analysis = ttspico::System::load_resource(system.clone(), analysis)?;
    let sound = ttspico::System::load_resource(system.clone(), sound)?;
    let voice = ttspico::System::create_voice(system, "voice")?;
    voice.borrow_mut().add_resource(analysis)?;
    voice.borrow_mut().add_resource(sound)?;
    // SAFETY: wanted are both resources in the voice, and they are.
    unsafe { ttspico::Voice::create_engine(voice) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_waits_is_taken_at_once_with_its_senders() {
        for ip in ["127.0.0.1", "::1"] {
            let ip: std::net::IpAddr = ip.parse().unwrap();
            // A machine without IPv6 has no ::1.
            let Ok(here) = UdpSocket::bind((ip, 0)) else { continue };
            let (one, two) = (UdpSocket::bind((ip, 0)).unwrap(), UdpSocket::bind((ip, 0)).unwrap());
            let (to, mut batch) = (here.local_addr().unwrap(), Batch::new());
            assert_eq!(batch.receive(&here).count(), 0);
            one.send_to(b"first", to).unwrap();
            two.send_to(&[7; 3000], to).unwrap();
            let got: Vec<_> = batch.receive(&here).map(|(bytes, from)| (bytes.to_vec(), from)).collect();
            let expected =
                [(b"first".to_vec(), one.local_addr().unwrap()), (vec![7; PACKET_BYTES], two.local_addr().unwrap())];
            assert_eq!(got, expected);
            for _ in 0..PACKETS + 1 {
                one.send_to(b"many", to).unwrap();
            }
            assert_eq!(batch.receive(&here).count(), PACKETS);
            assert_eq!(batch.receive(&here).count(), 1);
        }
    }
}
