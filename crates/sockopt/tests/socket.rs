//! The two ends over real sockets. Time is an argument: no test sleeps, and those without the blocking client have one thread.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sockopt::client::{LONGEST_PATH, Timeouts};
use sockopt::conn::{Conn, ConnPage, ConnQueryFlags, PAGE};
use sockopt::cursor::Cursors;
use sockopt::frame::{self, REPLY_HEADER};
use sockopt::info::{Info, InfoQuery, Release};
use sockopt::server::{BindError, Options, Refusal, Token, Turn};
use sockopt::service::{Key, Service};
use sockopt::{Client, ClientError, Code, Id, LcoreId, Malformed, Protocol, Reply, Server, Text, call};

/// A directory of its own, gone at the end.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sockopt-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn socket(&self) -> PathBuf {
        self.0.join("dpvs.ipc")
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A server and its clock.
struct Rig {
    server: Server,
    now: Instant,
    _dir: Dir,
}

impl Rig {
    fn new(options: Options) -> Self {
        let dir = Dir::new();
        Self { server: Server::bind(dir.socket(), options).unwrap(), now: Instant::now(), _dir: dir }
    }

    /// A client that says what it is told to.
    fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(self.server.path()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    fn says(&self, bytes: &[u8]) -> UnixStream {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        stream
    }

    fn turn(&mut self) -> Turn {
        let now = self.now;
        self.server.poll(|| now, Duration::ZERO).unwrap()
    }

    fn reply(&mut self, token: Token, reply: Reply) {
        self.server.reply(token, reply, self.now);
    }
}

fn add(port: u16) -> Vec<u8> {
    frame::request(Id::ServiceAdd, &service(port))
}

fn service(port: u16) -> Service {
    Service { key: Key::of(Protocol::TCP, "192.0.2.1".parse().unwrap(), port), ..Service::default() }
}

/// Code and body of the reply, up to the end of the connection.
fn answer(stream: &mut UnixStream) -> Option<(Code, Id, Vec<u8>)> {
    let mut bytes = Vec::new();
    let _reset_is_an_end_too = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        return None;
    }
    let header = frame::reply_header(&bytes).unwrap();
    assert_eq!(bytes.len() as u64, REPLY_HEADER as u64 + header.len.get());
    Some((header.error().0, Id::from_number(header.id.get()).unwrap(), bytes.split_off(REPLY_HEADER)))
}

fn ports(turn: &Turn) -> Vec<u16> {
    turn.requests.iter().map(|r| r.read::<call::ServiceAdd>().unwrap().key.port).collect()
}

/// Runs `client` against a server that answers with `handle`, until the client is done.
fn serve<T: Send>(client: impl FnOnce(Client) -> T + Send, handle: impl Fn(&sockopt::Request) -> Reply) -> T {
    let Rig { mut server, _dir, .. } = Rig::new(Options::default());
    let (path, waker) = (server.path().to_owned(), server.waker());
    thread::scope(|scope| {
        let done = Arc::new(AtomicBool::new(false));
        let client = scope.spawn({
            let done = done.clone();
            move || {
                let result = client(Client::new(path));
                done.store(true, Ordering::Release);
                waker.wake();
                result
            }
        });
        while !done.load(Ordering::Acquire) {
            for request in server.poll(Instant::now, Duration::from_secs(1)).unwrap().requests {
                server.reply(request.token, handle(&request), Instant::now());
            }
        }
        client.join().unwrap()
    })
}

#[test]
fn a_call_comes_back_with_its_answer() {
    let info = Info { version: Release::COMPATIBLE, size: 0, num_services: 3, num_lcores: 2 };
    let got = serve(|client| client.call::<call::Info>(&InfoQuery), |_| Reply::to::<call::Info>(&info));
    assert_eq!(got.unwrap(), info);
}

#[test]
fn a_refusal_comes_back_with_its_code_and_text() {
    let got = serve(|client| client.call::<call::ServiceAdd>(&service(80)), |_| Reply::Refused(Code::Exist));
    let error = got.unwrap_err();
    assert_eq!((error.code(), error.to_string()), (Some(Code::Exist), "already exist".to_owned()));
}

#[test]
fn a_reply_of_megabytes_arrives_whole() {
    let body: Vec<u8> = (0..5_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let message = frame::request(Id::Services, &());
    let mut asked = message.clone();
    asked[16] = 8; // the front's eight bytes
    asked.extend([0; 8]);
    let got = serve(|client| client.exchange(&asked), |_| Reply::Done(body.clone()));
    assert!(got.unwrap() == body);
}

/// Two listings side by side over one daemon, a page in turn: each gets its own rows, once.
#[test]
fn listings_of_connections_run_side_by_side() {
    let row = |port: u16| Conn {
        proto: Protocol::TCP,
        client: SocketAddr::from(([198, 51, 100, 9], port)),
        service: SocketAddr::from(([192, 0, 2, 10], 80)),
        local: SocketAddr::from(([10, 0, 0, 100], port)),
        dest: SocketAddr::from(([10, 0, 0, 2], 8080)),
        timeout: 90,
        lcore: LcoreId(1),
        state: Text::cut("TCP_EST"),
    };
    let cursors = RefCell::new(Cursors::default());
    let handle = |request: &sockopt::Request| {
        let query = request.read::<call::ConnAll>().unwrap();
        let mut cursors = cursors.borrow_mut();
        let more = query.flags.contains(ConnQueryFlags::MORE);
        let first = if more { cursors.resume(Instant::now(), query.whence) } else { Some(0) };
        let Some(first) = first else { return Reply::to::<call::ConnAll>(&ConnPage::last(vec![])) };
        let rows = (first..2_500).take(PAGE).map(row).collect::<Vec<_>>();
        let next = first + u16::try_from(rows.len()).unwrap();
        let page = if next < 2_500 {
            ConnPage::more(rows, cursors.park(Instant::now(), next))
        } else {
            ConnPage::last(rows)
        };
        Reply::to::<call::ConnAll>(&page)
    };
    let list = |client: Client| {
        let (mut a, mut b) =
            (client.connections(ConnQueryFlags::ALL), client.connections(ConnQueryFlags::ALL));
        let (mut rows, mut sizes) = ((vec![], vec![]), vec![]);
        while let (Some(page_a), Some(page_b)) = (a.next(), b.next()) {
            sizes.push(page_a.as_ref().unwrap().len());
            rows.0.extend(page_a.unwrap());
            rows.1.extend(page_b.unwrap());
        }
        assert!(a.next().is_none() && b.next().is_none());
        (rows, sizes)
    };
    let ((a, b), sizes) = serve(list, handle);
    let all: Vec<_> = (0..2_500).map(row).collect();
    assert_eq!(sizes, [1024, 1024, 452]);
    assert!(a == all && b == all);
    assert!(cursors.borrow().is_empty());
}

#[test]
fn only_codes_that_all_clients_know_leave() {
    for (given, seen) in [(Code::Other(-99), Some(Code::Invalid)), (Code::InProgress, None), (Code::Ok, None)]
    {
        let got = serve(|client| client.call::<call::Flush>(&()), |_| Reply::Refused(given));
        assert_eq!(got.err().and_then(|e| e.code()), seen, "{given}");
    }
}

#[test]
fn a_body_that_is_too_long_is_refused_unread_and_the_client_hears_why() {
    let mut message = frame::request(Id::ServiceAdd, &());
    let len: u64 = (16 << 20) + 1;
    message[16..24].copy_from_slice(&len.to_le_bytes());
    message.resize(message.len() + usize::try_from(len).unwrap(), 0);
    let got = serve(|client| client.exchange(&message), |_| unreachable!());
    assert_eq!(got.unwrap_err().code(), Some(Code::Invalid));
}

#[test]
fn nobody_there_and_a_path_too_long_are_said() {
    let dir = Dir::new();
    let error = Client::new(dir.socket()).call::<call::Flush>(&()).unwrap_err();
    assert!(matches!(&error, ClientError::Unreachable { path, .. } if *path == dir.socket()));
    let long = dir.0.join("x".repeat(LONGEST_PATH));
    let error = Client::new(&long).call::<call::Flush>(&()).unwrap_err();
    assert!(matches!(error, ClientError::PathTooLong { path } if path == long));
    assert!(matches!(Server::bind(&long, Options::default()), Err(BindError::PathTooLong { .. })));
}

#[test]
fn a_daemon_that_hangs_or_closes_is_an_error_in_time() {
    let dir = Dir::new();
    let listener = UnixListener::bind(dir.socket()).unwrap();
    let brief = Timeouts { connect: Duration::from_millis(20), silence: Duration::from_millis(20) };
    let client = Client::new(dir.socket()).with_timeouts(brief);
    // Nobody accepts, the backlog takes it.
    let error = client.call::<call::Flush>(&()).unwrap_err();
    assert!(
        matches!(&error, ClientError::Transport(e) if e.kind() == std::io::ErrorKind::TimedOut),
        "{error:?}"
    );
    drop(listener.accept().unwrap());
    thread::scope(|scope| {
        scope.spawn(|| drop(listener.accept().unwrap()));
        let patient = Client::new(dir.socket());
        let error = patient.call::<call::Flush>(&()).unwrap_err();
        assert!(matches!(error, ClientError::NoAnswer | ClientError::Transport(_)), "{error:?}");
    });
}

#[test]
fn requests_come_in_the_order_in_which_they_were_accepted() {
    let mut rig = Rig::new(Options::default());
    let streams: Vec<_> = (1..=20).map(|port| rig.says(&add(port))).collect();
    let turn = rig.turn();
    assert_eq!(ports(&turn), (1..=20).collect::<Vec<_>>());
    // Answered in any order, each gets its own.
    for (n, request) in turn.requests.iter().enumerate().rev() {
        rig.reply(request.token, if n % 2 == 0 { Reply::done() } else { Reply::Refused(Code::Exist) });
    }
    for (n, mut stream) in streams.into_iter().enumerate() {
        let code = if n % 2 == 0 { Code::Ok } else { Code::Exist };
        assert_eq!(answer(&mut stream), Some((code, Id::ServiceAdd, Vec::new())));
    }
    assert_eq!(rig.server.connections(), 0);
}

/// The first connects and is silent, the second is served; then the first completes before the third connects.
#[test]
fn who_is_complete_first_is_served_first() {
    let mut rig = Rig::new(Options::default());
    let mut first = rig.connect();
    let _second = rig.says(&add(2));
    assert_eq!(ports(&rig.turn()), [2]);
    first.write_all(&add(1)).unwrap();
    let _third = rig.says(&add(3));
    assert_eq!(ports(&rig.turn()), [1, 3]);
}

#[test]
fn a_request_in_single_bytes_is_a_request() {
    let mut rig = Rig::new(Options::default());
    let mut stream = rig.connect();
    let message = add(7);
    for byte in &message[..message.len() - 1] {
        stream.write_all(&[*byte]).unwrap();
        assert_eq!(rig.turn().requests, []);
    }
    stream.write_all(&message[message.len() - 1..]).unwrap();
    assert_eq!(ports(&rig.turn()), [7]);
}

/// Silent, half a header, a length that lies, a header without its body: all go after five seconds, and disturb nobody.
#[test]
fn clients_that_stall_lose_their_patience_alone() {
    let mut rig = Rig::new(Options::default());
    let mut stalled =
        [rig.connect(), rig.says(&add(1)[..10]), rig.says(&add(1)[..24]), rig.says(&add(1)[..287])];
    assert_eq!(rig.turn().requests, []);
    rig.now += Duration::from_millis(4_999);
    stalled[3].write_all(&[0]).unwrap();
    let mut good = rig.says(&add(9));
    let turn = rig.turn();
    assert_eq!((ports(&turn), &turn.refused[..]), (vec![0x0001, 9], &[][..]), "the last one was only slow");
    rig.now += Duration::from_millis(1);
    let late = rig.turn();
    assert_eq!(late.refused, [Refusal::Late, Refusal::Late, Refusal::Late]);
    for stream in &mut stalled[..3] {
        assert_eq!(answer(stream), None);
    }
    // What the handler has does not age.
    rig.now += Duration::from_secs(3_600);
    assert_eq!(rig.turn().refused, []);
    rig.reply(turn.requests[1].token, Reply::done());
    assert_eq!(answer(&mut good), Some((Code::Ok, Id::ServiceAdd, Vec::new())));
}

#[test]
fn a_client_that_leaves_its_reply_is_let_go() {
    let mut rig = Rig::new(Options::default());
    let mut stream = rig.says(&add(1));
    let token = rig.turn().requests[0].token;
    rig.reply(token, Reply::Done(vec![7; 4 << 20]));
    assert_eq!(rig.server.connections(), 1);
    rig.now += Duration::from_secs(4);
    stream.read_exact(&mut [0; 200_000]).unwrap();
    assert_eq!(rig.turn().refused, [], "progress renews its patience");
    rig.now += Duration::from_secs(4);
    assert_eq!(rig.turn().refused, []);
    rig.now += Duration::from_secs(1);
    assert_eq!(rig.turn().refused, [Refusal::Late]);
    assert_eq!(rig.server.connections(), 0);
}

#[test]
fn a_client_that_goes_early_is_forgotten() {
    let mut rig = Rig::new(Options::default());
    drop(rig.connect());
    drop(rig.says(&add(1)[..100]));
    drop(rig.says(&add(5)));
    let turn = rig.turn();
    assert_eq!((ports(&turn), rig.server.connections()), (vec![5], 1));
    rig.reply(turn.requests[0].token, Reply::done());
    rig.reply(turn.requests[0].token, Reply::done());
    assert_eq!(rig.server.connections(), 0);
}

#[test]
fn what_no_handler_should_see_is_answered_here() {
    let mut rig = Rig::new(Options::default());
    let header = |number: u32, kind: u32, len: u64| {
        let mut message = frame::request(Id::Flush, &());
        message[4..8].copy_from_slice(&number.to_le_bytes());
        message[8..12].copy_from_slice(&kind.to_le_bytes());
        message[16..].copy_from_slice(&len.to_le_bytes());
        message
    };
    let unknown = |number, kind| Some(Refusal::Unknown { number, kind });
    let mut cases = vec![
        (header(109, 0, 0), Code::NotSupported, unknown(109, 0)),
        (header(20_000, 1, 0), Code::NotSupported, unknown(20_000, 1)),
        (header(10, 2, 0), Code::NotSupported, unknown(10, 2)),
        (header(10, 0, 0), Code::Invalid, unknown(10, 0)),
        (header(89, 1, 0), Code::NotSupported, None),
        (header(23, 0, 0), Code::Invalid, None),
        (header(17, 0, u64::MAX), Code::Invalid, Some(Refusal::TooLong { number: 17, len: u64::MAX })),
    ];
    let mut short = header(94, 1, 79);
    short.extend([0; 79]);
    let why = Malformed::Short { what: "SOCKOPT_TUNNEL_ADD", need: 80, have: 79 };
    cases.push((short, Code::Invalid, Some(Refusal::Malformed(why))));
    for (message, code, refusal) in cases {
        let mut stream = rig.says(&message);
        let turn = rig.turn();
        assert_eq!((turn.requests, turn.refused), (vec![], refusal.into_iter().collect()), "{message:?}");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let reply = frame::reply_header(&bytes).unwrap();
        assert_eq!((reply.error().0, reply.len.get(), bytes.len()), (code, 0, REPLY_HEADER));
        assert_eq!(&bytes[4..12], &message[4..12], "id and type come back as they were");
    }
}

#[test]
fn another_version_is_met_with_silence() {
    let mut rig = Rig::new(Options::default());
    let mut message = add(1);
    message[0] = 1;
    let mut stream = rig.says(&message);
    let turn = rig.turn();
    assert_eq!((turn.requests, turn.refused), (vec![], vec![Refusal::Version(0x1_0001)]));
    assert_eq!(answer(&mut stream), None);
}

#[test]
fn garbage_disturbs_nobody() {
    let mut rig = Rig::new(Options::default());
    let mut good = Vec::new();
    for n in 0..200_u8 {
        let noise: Vec<u8> = (0..300_u16).map(|i| (i.wrapping_mul(31) >> 3).to_le_bytes()[0] ^ n).collect();
        drop(rig.says(&noise));
        good.push(rig.says(&add(u16::from(n) + 1)));
        let turn = rig.turn();
        assert_eq!(ports(&turn), [u16::from(n) + 1]);
        rig.reply(turn.requests[0].token, Reply::done());
    }
    assert!(good.iter_mut().all(|stream| answer(stream).is_some()));
}

#[test]
fn in_a_crowd_the_oldest_silent_one_goes_first() {
    let mut rig = Rig::new(Options { connections: 3, ..Options::default() });
    let mut busy = rig.says(&add(1));
    let token = rig.turn().requests[0].token;
    let (mut oldest, _other) = (rig.connect(), rig.connect());
    assert_eq!(rig.turn().refused, []);
    let _new = rig.says(&add(2));
    let turn = rig.turn();
    assert_eq!((ports(&turn), turn.refused), (vec![2], vec![Refusal::Crowded]));
    assert_eq!(answer(&mut oldest), None);
    assert_eq!(rig.server.connections(), 3);
    rig.reply(token, Reply::done());
    assert!(answer(&mut busy).is_some(), "who waits for us is not sent away");
}

#[test]
fn when_all_wait_for_us_the_next_wait_outside() {
    let mut rig = Rig::new(Options { connections: 2, ..Options::default() });
    let _streams: Vec<_> = (1..=3).map(|port| rig.says(&add(port))).collect();
    let turn = rig.turn();
    assert_eq!((ports(&turn), &turn.refused[..]), (vec![1, 2], &[][..]));
    assert_eq!(ports(&rig.turn()), [0; 0]);
    rig.reply(turn.requests[0].token, Reply::done());
    assert_eq!(ports(&rig.turn()), [3]);
}

/// A daemon too busy to accept, with its queue full, lives: the start says so, and does not wait for it.
#[test]
fn a_busy_daemon_keeps_its_socket() {
    use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
    let dir = Dir::new();
    let addr = SocketAddrUnix::new(dir.socket()).unwrap();
    let socket = || {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap()
    };
    let busy = socket();
    net::bind(&busy, &addr).unwrap();
    net::listen(&busy, 1).unwrap();
    let mut waiting: Vec<_> = (0..8).map(|_| socket()).collect();
    waiting.retain(|client| net::connect(client, &addr).is_ok());
    assert!(waiting.len() < 8, "its queue is full");
    assert!(matches!(Server::bind(dir.socket(), Options::default()), Err(BindError::InUse { .. })));
}

#[test]
fn the_file_is_for_its_owner_and_goes_with_its_server_only() {
    let dir = Dir::new();
    let path = dir.socket();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let first = Server::bind(&path, Options::default()).unwrap();
    assert_eq!(mode(&path), 0o600);
    let taken = Server::bind(&path, Options::default()).expect_err("the first lives");
    assert!(matches!(taken, BindError::InUse { .. }), "{taken}");
    std::fs::remove_file(&path).unwrap();
    let second = Server::bind(&path, Options { mode: 0o660, ..Options::default() }).unwrap();
    assert_eq!(mode(&path), 0o660);
    drop(first);
    assert!(std::fs::symlink_metadata(&path).unwrap().file_type().is_socket(), "it is the second's");
    drop(second);
    assert!(!path.exists());
}

#[test]
fn what_is_no_socket_stays() {
    let dir = Dir::new();
    std::fs::write(dir.socket(), "precious").unwrap();
    let before = std::fs::metadata(dir.socket()).unwrap().ino();
    assert!(matches!(Server::bind(dir.socket(), Options::default()), Err(BindError::NotASocket { .. })));
    assert_eq!(std::fs::metadata(dir.socket()).unwrap().ino(), before);
}

#[test]
fn a_waker_ends_the_wait() {
    let mut rig = Rig::new(Options::default());
    rig.server.waker().wake();
    // Returns at once: the test would not end within its day otherwise.
    rig.server.poll(Instant::now, Duration::from_secs(86_400)).unwrap();
}
