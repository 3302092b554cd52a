//! How much a browser downloads: every file of the widget once, compressed as the server sends it.

use std::fs;
use std::path::Path;

use brotli::enc::BrotliEncoderParams;

use crate::stamp::files_below;
use crate::{Outcome, report};

/// Files up to this size are sent as they are: a round trip costs more than the bytes saved.
const WORTH_COMPRESSING: usize = 1024;

/// One file of the widget.
struct Measured {
    name: String,
    bytes: usize,
    sent: usize,
}

/// Writes `FILE.br` beside each file that gets smaller by it, prints the sizes and returns the bytes sent in all.
pub fn compress(dist: &Path) -> Outcome<usize> {
    let mut files = Vec::new();
    for file in files_below(dist)?.iter().filter(|file| file.extension().is_none_or(|extension| extension != "br")) {
        let content = fs::read(file)?;
        let compressed = brotli(&content)?;
        let pays_off = content.len() > WORTH_COMPRESSING && compressed.len() < content.len();
        if pays_off {
            let mut beside = file.clone().into_os_string();
            beside.push(".br");
            fs::write(beside, &compressed)?;
        }
        files.push(Measured {
            name: file.strip_prefix(dist)?.display().to_string(),
            bytes: content.len(),
            sent: if pays_off { compressed.len() } else { content.len() },
        });
    }
    let total = files.iter().map(|file| file.sent).sum();
    print(&files, total);
    Ok(total)
}

/// The best brotli can do: the widget is compressed once and sent often.
fn brotli(content: &[u8]) -> Outcome<Vec<u8>> {
    let parameters =
        BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..BrotliEncoderParams::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn print(files: &[Measured], total: usize) {
    let width = files.iter().map(|file| file.name.len()).max().unwrap_or_default();
    report::line(&format!("{:width$}  {:>9}  {:>9}", "file", "bytes", "sent"));
    for file in files {
        report::line(&format!("{:width$}  {:>9}  {:>9}", file.name, file.bytes, file.sent));
    }
    let bytes: usize = files.iter().map(|file| file.bytes).sum();
    report::line(&format!("{:width$}  {bytes:>9}  {total:>9}", "total"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_is_counted_compressed_and_reads_back() {
        let dist = std::env::temp_dir().join(format!("size-{}", std::process::id()));
        fs::create_dir_all(&dist).unwrap();
        let style = ".kyc-board { display: grid; }\n".repeat(200);
        fs::write(dist.join("style.css"), &style).unwrap();
        fs::write(dist.join("robots.txt"), "User-agent: *\n").unwrap();
        let total = compress(&dist).unwrap();
        let compressed = fs::read(dist.join("style.css.br")).unwrap();
        assert_eq!(total, compressed.len() + "User-agent: *\n".len());
        assert!(!dist.join("robots.txt.br").exists(), "too small to compress");
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &compressed[..], &mut back).unwrap();
        assert_eq!(back, style.as_bytes());
        assert_eq!(compress(&dist).unwrap(), total, "what is there already is not counted twice");
        fs::remove_dir_all(dist).unwrap();
    }
}
