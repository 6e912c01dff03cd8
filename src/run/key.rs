//! The key file: what is in the database alone gives no PIN away.

use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::person::pin::PinKey;

const BYTES: usize = 32;

/// The key of a file, drawn and written where there is none. Of two programs at once one draws it.
pub fn open(path: &Path) -> Result<PinKey> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let drawn: [u8; BYTES] = rand::random();
    let aside = folder.join(format!(".key-{:016x}", rand::random::<u64>()));
    let written = write(&aside, &drawn).and_then(|()| match std::fs::hard_link(&aside, path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => std::fs::File::open(folder)?.sync_all(),
    });
    let _ = std::fs::remove_file(&aside);
    written.with_context(|| format!("the key file {} cannot be written", path.display()))?;
    read(path)?.with_context(|| format!("the key file {} is gone again", path.display()))
}

fn write(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key)?;
    file.sync_all()
}

fn read(path: &Path) -> Result<Option<PinKey>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("the key file {} cannot be read", path.display())),
    };
    let mut bytes = Vec::with_capacity(BYTES + 1);
    file.take(BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("the key file {} cannot be read", path.display()))?;
    match <[u8; BYTES]>::try_from(bytes) {
        Ok(key) => Ok(Some(PinKey::new(key))),
        Err(_) => bail!(
            "the key file {} is damaged: restore it from a backup, or remove it and set the PINs anew",
            path.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_once_and_nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/nightdesk.key");
        open(&path).unwrap();
        let drawn = std::fs::read(&path).unwrap();
        open(&path).unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), drawn.len()), (drawn.clone(), BYTES));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left aside");
        std::fs::write(&path, [0; 31]).unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("damaged"));
    }
}
