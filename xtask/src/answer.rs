//! Whether a program that was started answers yet.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(100);

/// Where a program answers once it is up.
pub struct Answer {
    /// On this machine.
    pub port: u16,
    /// What is asked for.
    pub path: &'static str,
}

impl Answer {
    /// Whether a GET there is answered with success.
    pub fn is_there(&self) -> bool {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let Ok(mut stream) = TcpStream::connect_timeout(&address, PATIENCE) else { return false };
        let host = format!("Host: 127.0.0.1:{}", self.port);
        let request = format!("GET {} HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n", self.path);
        let mut status = [0; 10];
        stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
            && stream.write_all(request.as_bytes()).is_ok()
            && stream.read_exact(&mut status).is_ok()
            && status.starts_with(b"HTTP/1.1 2")
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;

    use super::*;

    /// A server that answers one request with this status line.
    fn one_answer(status: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = String::new();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            while !request.ends_with("\r\n\r\n") {
                lines.read_line(&mut request).unwrap();
            }
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        port
    }

    #[test]
    fn a_server_is_up_once_it_answers_with_success() {
        let is_up = |port| Answer { port, path: "/healthz" }.is_there();
        assert!(is_up(one_answer("200 OK")));
        assert!(!is_up(one_answer("503 Service Unavailable")));
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(!is_up(closed));
    }
}
