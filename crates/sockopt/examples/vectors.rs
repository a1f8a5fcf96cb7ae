//! Checks a file in the form of docs/spec/ipc-vectors.json: `cargo run -p sockopt --example vectors -- FILE`.
//!
//! Each message is read into its values and written again; header, body and texts must come out to the byte. One line per
//! message, then a count; the status is 1 if any differs.

use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use sockopt::call::{Half, recode};
use sockopt::frame::{ReplyHeader, RequestHeader, reply_header, request_header};
use sockopt::{Code, Id};
use zerocopy::IntoBytes;

fn main() -> anyhow::Result<ExitCode> {
    let Some(file) = std::env::args_os().nth(1).map(std::path::PathBuf::from) else {
        bail!("usage: vectors FILE")
    };
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let file: Value = serde_json::from_str(&text).context("not JSON")?;
    let vectors = file["vectors"].as_array().context("no list \"vectors\"")?;
    let (mut good, mut bad, mut skipped) = (0, 0, 0);
    for vector in vectors {
        let name = vector["name"].as_str().unwrap_or("(no name)");
        match check(vector) {
            Ok(Checked::Same) => {
                good += 1;
                println!("ok: {name}");
            }
            Ok(Checked::Skipped(id)) => {
                skipped += 1;
                println!("skipped: id {id} not supported yet");
            }
            Err(error) => {
                bad += 1;
                println!("DIFFERS: {name}: {error:#}");
            }
        }
    }
    println!("{} messages: {good} ok, {bad} differ, {skipped} skipped", vectors.len());
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

enum Checked {
    Same,
    Skipped(u64),
}

fn check(vector: &Value) -> anyhow::Result<Checked> {
    let number = vector["id"].as_u64().context("no \"id\"")?;
    let id = Id::from_number(u32::try_from(number)?).with_context(|| format!("no id {number}"))?;
    ensure!(vector["id_name"] == id.name(), "its name is {}, ours {}", vector["id_name"], id.name());
    let (header, body) = (hex(vector, "header_hex")?, hex(vector, "body_hex")?);
    ensure!(
        hex(vector, "message_hex")? == [header.as_slice(), body.as_slice()].concat(),
        "message is not header and body"
    );
    let half = match vector["kind"].as_str() {
        Some("request") => Half::Request,
        Some("reply") => Half::Reply,
        other => bail!("kind is {other:?}"),
    };
    let written = match half {
        Half::Request => {
            let read = request_header(&header)?;
            ensure!(read.id.get() == id.number() && read.kind() == Some(id.kind()), "header says otherwise");
            ensure!(read.len.get() == body.len() as u64, "length differs");
            id.check(&body)?;
            RequestHeader::new(id, body.len()).as_bytes().to_vec()
        }
        Half::Reply => {
            let (code, text) = reply_header(&header)?.error();
            ensure!(vector["errcode"] == code.as_i32() && vector["errstr"] == text, "it is {code}, {text:?}");
            let written = ReplyHeader::answer(&RequestHeader::new(id, 0), code, body.len());
            if code != Code::Ok {
                ensure!(body.is_empty() && written.as_bytes() == header, "header is written otherwise");
                return Ok(Checked::Same);
            }
            written.as_bytes().to_vec()
        }
    };
    ensure!(written == header, "header is written otherwise");
    let Some(again) = recode(id, half, &body) else { return Ok(Checked::Skipped(number)) };
    let again = again?;
    if let Some(at) = (0..body.len().max(again.len())).find(|&i| body.get(i) != again.get(i)) {
        bail!("body differs at {at}: {:?} is written as {:?}", body.get(at), again.get(at));
    }
    Ok(Checked::Same)
}

fn hex(vector: &Value, field: &str) -> anyhow::Result<Vec<u8>> {
    let digits = vector[field].as_str().with_context(|| format!("no {field:?}"))?.as_bytes();
    ensure!(digits.len() % 2 == 0, "{field}: odd number of digits");
    let nibble = |d: u8| char::from(d).to_digit(16).with_context(|| format!("{field}: not hexadecimal"));
    digits.chunks(2).map(|pair| Ok(u8::try_from(nibble(pair[0])? << 4 | nibble(pair[1])?)?)).collect()
}
