//! Plays a script on one connection.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::{Inbox, head};
use crate::script::{Answer, Beat, End, Framing};
use crate::server::Stage;
use crate::{Closed, Ended, Side};

/// Plays connection `index` of `stage`, until either side has closed it.
pub(crate) async fn play(mut stream: TcpStream, stage: Stage, index: usize) {
    let _ = stream.set_nodelay(true);
    let (by, how) = converse(&mut stream, &stage, index).await;
    if (by, how) == (Side::Server, Ended::Rst) {
        let _ = stream.set_zero_linger();
    }
    // Closed before it is noted: who waits for the note finds the connection gone.
    drop(stream);
    let closed = Closed { by, how, at_ms: stage.log.now() };
    stage.note(index, |connection| connection.closed = Some(closed));
}

/// Answers requests until the connection has to end, and says who ended it and how.
async fn converse(stream: &mut TcpStream, stage: &Stage, index: usize) -> (Side, Ended) {
    let script = stage.script.connections.get(index);
    let mut own = script.map(|connection| connection.requests.iter()).unwrap_or_default();
    let (reader, mut writer) = stream.split();
    let mut inbox = Inbox::new(reader);
    let mut end = script.map(|connection| connection.open).unwrap_or_default();
    loop {
        match end {
            End::Keep => {}
            End::Close | End::Fin => {
                let _ = writer.shutdown().await;
                inbox.closed().await;
                return (Side::Server, Ended::Fin);
            }
            End::Rst => return (Side::Server, Ended::Rst),
            End::Hang => return (Side::Client, inbox.closed().await),
        }
        let request = match inbox.request().await {
            Ok(request) => request,
            Err(how) => return (Side::Client, how),
        };
        let wants_close = request.wants_close();
        let Some(answer) = stage.answer(index, own.next(), request) else { return (Side::Server, Ended::Rst) };
        let count = |bytes: usize| stage.note(index, |connection| connection.sent += bytes as u64);
        tokio::select! {
            how = inbox.closed() => return (Side::Client, how),
            sent = send(&mut writer, answer, count) => {
                // The reader says how the client closed; a failed write says only that it did.
                if sent.is_err() {
                    return (Side::Client, inbox.closed().await);
                }
            }
        }
        end = match answer.ending() {
            End::Keep if wants_close => End::Close,
            end => end,
        };
    }
}

/// Sends `answer`, telling `count` of all bytes that went out.
async fn send(writer: &mut (impl AsyncWrite + Unpin), answer: &Answer, count: impl Fn(usize)) -> io::Result<()> {
    pause(answer.delay).await;
    let chunked = answer.raw.is_none() && answer.framing() == Framing::Chunked;
    if answer.raw.is_none() {
        let (status, mut headers) = answer.head();
        match answer.framing() {
            Framing::Chunked => headers.push(("transfer-encoding".into(), "chunked".into())),
            Framing::Length
                if answer.headers.contains_key("content-length") || matches!(status, 100..200 | 204 | 304) => {}
            Framing::Length => headers.push(("content-length".into(), answer.length().to_string())),
            Framing::Close => headers.push(("connection".into(), "close".into())),
        }
        write(writer, &head(status, &headers), &count).await?;
    }
    for beat in answer.clone().beats() {
        match beat {
            Beat::Wait(wait) => pause(wait).await,
            Beat::Bytes(bytes) if chunked => {
                let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
                chunk.extend_from_slice(&bytes);
                chunk.extend_from_slice(b"\r\n");
                write(writer, &chunk, &count).await?;
            }
            Beat::Bytes(bytes) => write(writer, &bytes, &count).await?,
        }
    }
    if chunked && answer.end.is_complete() {
        write(writer, b"0\r\n\r\n", &count).await?;
    }
    Ok(())
}

/// Writes `bytes` on their own: the client gets a turn before the next write.
async fn write(writer: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8], count: &impl Fn(usize)) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = writer.write(bytes).await?;
        count(written);
        bytes = &bytes[written..];
    }
    tokio::task::yield_now().await;
    Ok(())
}

async fn pause(wait: Duration) {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
}
