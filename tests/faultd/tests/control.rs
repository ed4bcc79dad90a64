//! The binary serves scripts and records to tests in any language, and ends with them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

fn get(address: &str, path: &str) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn a_script_on_standard_input_is_played_until_it_closes() {
    let mut process =
        Command::new(env!("CARGO_BIN_EXE_faultd")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    let script = json!({ "upstreams": { "a": { "then": { "body": ["hello"] } } } });
    writeln!(input, "{script}").unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ports: Value = serde_json::from_str(&line).unwrap();
    let control = ports["control"].as_str().unwrap();

    let mut client = TcpStream::connect(ports["upstreams"]["a"].as_str().unwrap()).unwrap();
    client.write_all(b"GET /path HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(get(control, "/wait-requests?upstream=a&count=1"), json!({}));
    let mut answer = [0; 5];
    while &answer != b"hello" {
        answer.rotate_left(1);
        client.read_exact(&mut answer[4..]).unwrap();
    }
    drop(client);
    assert_eq!(get(control, "/wait-closed?upstream=a&connection=0")["by"], "client");
    assert_eq!(get(control, "/records")["upstreams"]["a"]["connections"][0]["requests"][0]["path"], "/path");
    assert_eq!(get(control, "/nothing"), json!({}));

    drop(input);
    assert!(process.wait().unwrap().success());
}
