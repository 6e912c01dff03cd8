//! Sockets for SIP: UDP and TCP, IPv4 and IPv6, as flows and whole messages.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdUdpSocket};
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::clock::{Mono, System};
use crate::sip::msg::{Framed, Framer};
use crate::sip::{Flow, Transport};

/// Messages that wait for the endpoint; what comes beyond is dropped, as a full socket buffer would.
const INBOX: usize = 8192;
/// Datagrams read in one go.
const BATCH: usize = 64;
/// Connections in all and from one address.
const CONNECTIONS_MAX: usize = 1024;
const CONNECTIONS_PER_ADDRESS: usize = 32;
/// A whole message must be there this long after its first byte (SECURITY.md, slow TCP).
const MESSAGE_MAX: Duration = Duration::from_secs(10);
/// A connection without any message is closed after this long.
const IDLE_MAX: Duration = Duration::from_secs(600);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Messages that wait to be written to one connection.
const OUTBOX: usize = 256;
/// Kernel buffer of a UDP socket: some 2,000 messages.
const UDP_BUFFER: usize = 4 * 1024 * 1024;
/// Local addresses that are remembered for remote ones.
const ROUTES_MAX: usize = 4096;

/// What the network brings.
#[derive(Debug)]
pub enum Inbound {
    /// One whole message.
    Message {
        /// On which flow.
        flow: Flow,
        /// Its octets.
        bytes: Vec<u8>,
    },
    /// A connection was made or came: what waits for it can go.
    Opened {
        /// Its flow.
        flow: Flow,
        /// To write to it.
        outbox: mpsc::Sender<Vec<u8>>,
    },
    /// A connection is gone, or could not be made.
    Closed(Flow),
}

/// The SIP sockets of this process.
pub struct Net {
    udp: Vec<Arc<UdpSocket>>,
    listening: Vec<Flow>,
    connections: FxHashMap<u64, Connection>,
    waiting: HashMap<SocketAddr, Vec<Vec<u8>>>,
    routes: HashMap<IpAddr, IpAddr>,
    mail: mpsc::Receiver<Inbound>,
    inbox: mpsc::Sender<Inbound>,
    next: u64,
    clock: System,
}

struct Connection {
    flow: Flow,
    outbox: mpsc::Sender<Vec<u8>>,
}

impl Net {
    /// Binds UDP and TCP on each address; port 0 takes a free one, the same for both.
    pub async fn bind(addresses: &[SocketAddr], clock: System) -> io::Result<Net> {
        let (inbox, mail) = mpsc::channel(INBOX);
        let mut net = Net {
            udp: Vec::new(),
            listening: Vec::new(),
            connections: FxHashMap::default(),
            waiting: HashMap::new(),
            routes: HashMap::new(),
            mail,
            inbox,
            next: 1,
            clock,
        };
        for &address in addresses {
            let udp = Arc::new(UdpSocket::from_std(udp_socket(address)?)?);
            // The runtime takes a socket for full until it has looked once: the first message would be lost.
            udp.writable().await?;
            let bound = udp.local_addr()?;
            let tcp = TcpListener::from_std(tcp_listener(bound)?)?;
            tokio::spawn(read_udp(Arc::clone(&udp), bound, net.inbox.clone()));
            tokio::spawn(accept(tcp, bound, net.inbox.clone(), clock));
            net.udp.push(udp);
            for transport in [Transport::Udp, Transport::Tcp] {
                net.listening.push(Flow { transport, local: bound, remote: bound, connection: 0 });
            }
        }
        Ok(net)
    }

    /// The addresses that are bound.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.listening.iter().filter(|flow| flow.transport == Transport::Udp).map(|flow| flow.local)
    }

    /// What came, up to a batch of it; waits for the first.
    pub async fn receive(&mut self, into: &mut Vec<Inbound>) {
        self.mail.recv_many(into, BATCH).await;
        for what in into.iter_mut() {
            match what {
                Inbound::Message { flow, .. } => self.name_local(flow),
                Inbound::Opened { flow, outbox } => self.opened(*flow, outbox.clone()),
                Inbound::Closed(flow) => {
                    self.connections.remove(&flow.connection);
                    self.waiting.remove(&flow.remote);
                }
            }
        }
    }

    /// Sends one message. False where it certainly does not arrive; what fails later comes as
    /// [`Inbound::Closed`].
    pub fn send(&mut self, flow: Flow, bytes: Vec<u8>) -> bool {
        match flow.transport {
            Transport::Udp => self.send_udp(flow, &bytes),
            Transport::Tcp => self.send_tcp(flow, bytes),
        }
    }

    /// Closes a connection.
    pub fn close(&mut self, flow: Flow) {
        self.connections.remove(&flow.connection);
    }

    /// The flow by which a message to `remote` leaves.
    pub fn flow_to(&mut self, transport: Transport, remote: SocketAddr) -> Option<Flow> {
        let local = self.udp.iter().filter_map(|udp| udp.local_addr().ok()).find(|local| {
            local.is_ipv4() == remote.is_ipv4()
                && (local.ip().is_loopback() || !remote.ip().is_loopback() || local.ip().is_unspecified())
        })?;
        let mut flow = Flow { transport, local, remote, connection: 0 };
        self.name_local(&mut flow);
        Some(flow)
    }

    fn send_udp(&self, flow: Flow, bytes: &[u8]) -> bool {
        let fits = |udp: &&Arc<UdpSocket>| {
            udp.local_addr().is_ok_and(|local| {
                local.port() == flow.local.port()
                    && local.is_ipv4() == flow.remote.is_ipv4()
                    && (local.ip().is_unspecified() || local.ip() == flow.local.ip())
            })
        };
        let Some(udp) = self.udp.iter().find(fits) else { return false };
        match udp.try_send_to(bytes, flow.remote) {
            Ok(_) => true,
            // Full socket: as good as lost on the way; the transaction sends it again.
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }

    fn send_tcp(&mut self, flow: Flow, bytes: Vec<u8>) -> bool {
        let known = self.connections.get(&flow.connection).or_else(|| {
            // RFC 5923 asks for reuse; here only of a connection to the very same address.
            self.connections.values().find(|connection| connection.flow.remote == flow.remote)
        });
        if let Some(connection) = known {
            return connection.outbox.try_send(bytes).is_ok();
        }
        let first = !self.waiting.contains_key(&flow.remote);
        if self.waiting.len() >= CONNECTIONS_MAX {
            return false;
        }
        self.waiting.entry(flow.remote).or_default().push(bytes);
        if first {
            let connection = self.next;
            self.next += 1;
            tokio::spawn(connect(Flow { connection, ..flow }, self.inbox.clone(), self.clock));
        }
        true
    }

    fn opened(&mut self, flow: Flow, outbox: mpsc::Sender<Vec<u8>>) {
        for bytes in self.waiting.remove(&flow.remote).unwrap_or_default() {
            let _ = outbox.try_send(bytes);
        }
        self.connections.insert(flow.connection, Connection { flow, outbox });
    }

    /// A socket bound to every address does not say which one a message came to: the one that the
    /// system would answer from is taken, and remembered.
    fn name_local(&mut self, flow: &mut Flow) {
        if !flow.local.ip().is_unspecified() {
            return;
        }
        let remote = flow.remote.ip();
        if let Some(local) = self.routes.get(&remote) {
            flow.local.set_ip(*local);
        } else if let Some(local) = route_to(remote) {
            if self.routes.len() >= ROUTES_MAX {
                self.routes.clear();
            }
            self.routes.insert(remote, local);
            flow.local.set_ip(local);
        }
    }
}

/// The address that the system sends from to reach `remote`: no packet is sent to find out.
fn route_to(remote: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = if remote.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let probe = StdUdpSocket::bind((any, 0)).ok()?;
    probe.connect((remote, 9)).ok()?;
    Some(probe.local_addr().ok()?.ip())
}

fn udp_socket(address: SocketAddr) -> io::Result<StdUdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(UDP_BUFFER)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

fn tcp_listener(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(256)?;
    Ok(socket.into())
}

async fn read_udp(socket: Arc<UdpSocket>, local: SocketAddr, inbox: mpsc::Sender<Inbound>) {
    let mut buffer = vec![0; crate::sip::limits::MESSAGE_BYTES];
    while socket.readable().await.is_ok() {
        for _ in 0..BATCH {
            // ICMP errors of earlier sends show up here; they are the transactions' to notice.
            let (length, remote) = match socket.try_recv_from(&mut buffer) {
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => continue,
            };
            let Some(bytes) = buffer.get(..length) else { continue };
            let flow = Flow { transport: Transport::Udp, local, remote, connection: 0 };
            match inbox.try_send(Inbound::Message { flow, bytes: bytes.to_vec() }) {
                Err(mpsc::error::TrySendError::Closed(_)) => return,
                Err(mpsc::error::TrySendError::Full(_)) => {
                    metrics::counter!("nightdesk_sip_dropped_total").increment(1)
                }
                Ok(()) => {}
            }
        }
    }
}

async fn accept(listener: TcpListener, local: SocketAddr, inbox: mpsc::Sender<Inbound>, clock: System) {
    let open: Arc<std::sync::Mutex<HashMap<IpAddr, usize>>> = Arc::default();
    loop {
        let Ok((stream, remote)) = listener.accept().await else {
            // Out of file descriptors: others must end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Some(seat) = Seat::take(&open, remote.ip()) else { continue };
        let local = stream.local_addr().unwrap_or(local);
        let flow = Flow { transport: Transport::Tcp, local, remote, connection: next_incoming() };
        let inbox = inbox.clone();
        tokio::spawn(async move {
            serve(stream, flow, inbox, clock).await;
            drop(seat);
        });
    }
}

/// Incoming connections count down from the top, our own up from one: they never meet.
fn next_incoming() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(u64::MAX);
    NEXT.fetch_sub(1, Ordering::Relaxed)
}

/// One of the places that an address has; given back when dropped.
struct Seat {
    open: Arc<std::sync::Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Seat {
    fn take(open: &Arc<std::sync::Mutex<HashMap<IpAddr, usize>>>, address: IpAddr) -> Option<Seat> {
        let mut seats = open.lock().ok()?;
        if seats.values().sum::<usize>() >= CONNECTIONS_MAX {
            return None;
        }
        let taken = seats.entry(address).or_default();
        if *taken >= CONNECTIONS_PER_ADDRESS {
            return None;
        }
        *taken += 1;
        Some(Seat { open: Arc::clone(open), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Ok(mut seats) = self.open.lock() else { return };
        if let Some(taken) = seats.get_mut(&self.address) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                seats.remove(&self.address);
            }
        }
    }
}

async fn connect(flow: Flow, inbox: mpsc::Sender<Inbound>, clock: System) {
    match timeout(CONNECT_MAX, TcpStream::connect(flow.remote)).await {
        Ok(Ok(stream)) => {
            let local = stream.local_addr().unwrap_or(flow.local);
            serve(stream, Flow { local, ..flow }, inbox, clock).await;
        }
        _ => {
            let _ = inbox.send(Inbound::Closed(flow)).await;
        }
    }
}

/// Reads and writes one connection until either side ends it.
async fn serve(stream: TcpStream, flow: Flow, inbox: mpsc::Sender<Inbound>, clock: System) {
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let (outbox, out) = mpsc::channel(OUTBOX);
    if inbox.send(Inbound::Opened { flow, outbox: outbox.clone() }).await.is_err() {
        return;
    }
    let weak = outbox.downgrade();
    drop(outbox);
    tokio::select! {
        () = read(reader, flow, &inbox, &weak, clock) => {}
        () = write(writer, out) => {}
    }
    let _ = inbox.send(Inbound::Closed(flow)).await;
}

async fn read(
    mut reader: OwnedReadHalf,
    flow: Flow,
    inbox: &mpsc::Sender<Inbound>,
    pong: &mpsc::WeakSender<Vec<u8>>,
    clock: System,
) {
    let mut framer = Framer::new();
    let mut buffer = vec![0; 16 * 1024];
    let mut begun: Option<Mono> = None;
    loop {
        let left = begun.map_or(IDLE_MAX, |at| MESSAGE_MAX.saturating_sub(clock.mono().since(at)));
        let Ok(Ok(length @ 1..)) = timeout(left, reader.read(&mut buffer)).await else { return };
        let Some(bytes) = buffer.get(..length) else { return };
        framer.push(bytes);
        while let Some(framed) = framer.pop() {
            match framed {
                Ok(Framed::Message(bytes)) => {
                    begun = None;
                    if inbox.send(Inbound::Message { flow, bytes }).await.is_err() {
                        return;
                    }
                }
                Ok(Framed::Ping) => {
                    if let Some(outbox) = pong.upgrade() {
                        let _ = outbox.try_send(b"\r\n".to_vec());
                    }
                }
                Err(error) => {
                    tracing::debug!(remote = %flow.remote, %error, "connection closed");
                    return;
                }
            }
        }
        begun = if framer.pending() == 0 { None } else { begun.or_else(|| Some(clock.mono())) };
    }
}

async fn write(mut writer: OwnedWriteHalf, mut out: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = out.recv().await {
        if !matches!(timeout(MESSAGE_MAX, writer.write_all(&bytes)).await, Ok(Ok(()))) {
            return;
        }
    }
}
