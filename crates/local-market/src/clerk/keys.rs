//! The RSA keys of the stand-in: which one signs, which ones are shown, and where they are kept between runs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs1v15;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::sha2::{Digest, Sha256, Sha384, Sha512};
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};

const MODULUS_BITS: usize = 2048;

/// Why the signing keys could not be made, read or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The RSA arithmetic refused.
    #[error("cannot make a signing key")]
    Generate(#[source] rsa::Error),
    /// A key cannot be written as PEM.
    #[error("cannot encode a signing key")]
    Encode(#[source] rsa::pkcs8::Error),
    /// A kept key is not an RSA key.
    #[error("{} holds no RSA private key: delete it and start again", path.display())]
    Decode {
        /// The file of the key.
        path: PathBuf,
        /// Why it was not understood.
        #[source]
        source: rsa::pkcs8::Error,
    },
    /// The folder of the keys cannot be read or written.
    #[error("cannot keep signing keys in {}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

/// One RSA key pair and the name under which the key set shows it.
#[derive(Debug, Clone)]
pub(super) struct SigningKey {
    id: String,
    private: RsaPrivateKey,
}

impl SigningKey {
    pub(super) fn generate() -> Result<Self, KeyError> {
        let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, MODULUS_BITS).map_err(KeyError::Generate)?;
        Ok(Self::from_private(private))
    }

    /// The name follows from the modulus, so that a kept key has the same name in every run.
    fn from_private(private: RsaPrivateKey) -> Self {
        let fingerprint = Sha256::digest(private.n().to_bytes_be());
        Self { id: format!("ins_2{}", super::token::base62(&fingerprint, 26)), private }
    }

    fn read(path: &Path) -> Result<Self, KeyError> {
        let pem = fs::read_to_string(path).map_err(|source| folder_error(path, source))?;
        let private =
            RsaPrivateKey::from_pkcs8_pem(&pem).map_err(|source| KeyError::Decode { path: path.to_owned(), source })?;
        Ok(Self::from_private(private))
    }

    fn to_pem(&self) -> Result<String, KeyError> {
        self.private.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.to_string()).map_err(KeyError::Encode)
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The public key as Clerk's dashboard shows it; also the secret of the classic RS256-to-HS256 forgery.
    pub(super) fn public_pem(&self) -> Result<String, KeyError> {
        RsaPublicKey::from(&self.private)
            .to_public_key_pem(LineEnding::LF)
            .map_err(|source| KeyError::Encode(source.into()))
    }

    fn jwk(&self) -> Value {
        json!({
            "use": "sig",
            "kty": "RSA",
            "kid": self.id,
            "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(self.private.n().to_bytes_be()),
            "e": URL_SAFE_NO_PAD.encode(self.private.e().to_bytes_be()),
        })
    }

    /// A genuine signature for the RSA algorithms; any other name gets the one of RS256.
    pub(super) fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let key = self.private.clone();
        match algorithm {
            "RS384" => pkcs1v15::SigningKey::<Sha384>::new(key).sign(message).to_vec(),
            "RS512" => pkcs1v15::SigningKey::<Sha512>::new(key).sign(message).to_vec(),
            _ => pkcs1v15::SigningKey::<Sha256>::new(key).sign(message).to_vec(),
        }
    }
}

/// The keys in the order in which they were made: the last one signs.
#[derive(Debug)]
pub(super) struct KeyRing {
    folder: Option<PathBuf>,
    keys: Vec<SigningKey>,
    foreign: Option<SigningKey>,
}

impl KeyRing {
    pub(super) fn in_memory() -> Result<Self, KeyError> {
        Ok(Self { folder: None, keys: vec![SigningKey::generate()?], foreign: None })
    }

    /// Reads the keys of a folder, or makes the first one. Two programs that start at once end up with the same key.
    pub(super) fn in_folder(folder: PathBuf) -> Result<Self, KeyError> {
        fs::create_dir_all(&folder).map_err(|source| folder_error(&folder, source))?;
        if kept_keys(&folder)?.is_empty() {
            keep(&folder, 1, &SigningKey::generate()?)?;
        }
        let keys = kept_keys(&folder)?.iter().map(|(_, path)| SigningKey::read(path)).collect::<Result<_, _>>()?;
        Ok(Self { folder: Some(folder), keys, foreign: None })
    }

    pub(super) fn current(&self) -> &SigningKey {
        self.keys.last().expect("a ring is made with a key and never loses its last one")
    }

    /// The key that signed before the last rotation; the current one when there was none.
    pub(super) fn previous(&self) -> &SigningKey {
        self.keys.iter().rev().nth(1).unwrap_or_else(|| self.current())
    }

    /// A key that was never in the key set.
    pub(super) fn foreign(&mut self) -> Result<&SigningKey, KeyError> {
        if self.foreign.is_none() {
            self.foreign = Some(SigningKey::generate()?);
        }
        Ok(self.foreign.as_ref().expect("it was made just now"))
    }

    pub(super) fn rotate(&mut self) -> Result<(), KeyError> {
        let key = SigningKey::generate()?;
        if let Some(folder) = &self.folder {
            let next = kept_keys(folder)?.last().map_or(1, |(number, _)| number + 1);
            keep(folder, next, &key)?;
        }
        self.keys.push(key);
        Ok(())
    }

    pub(super) fn drop_old(&mut self) -> Result<(), KeyError> {
        let old = self.keys.len().saturating_sub(1);
        self.keys.drain(..old);
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut kept = kept_keys(folder)?;
        kept.pop();
        for (_, path) in kept {
            fs::remove_file(&path).map_err(|source| folder_error(&path, source))?;
        }
        Ok(())
    }

    pub(super) fn jwks(&self) -> Value {
        json!({ "keys": self.keys.iter().map(SigningKey::jwk).collect::<Vec<_>>() })
    }
}

/// The files `signing-key-<number>.pem` of a folder by their number.
fn kept_keys(folder: &Path) -> Result<Vec<(u32, PathBuf)>, KeyError> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| folder_error(folder, source))? {
        let path = entry.map_err(|source| folder_error(folder, source))?.path();
        let number = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("signing-key-")?.strip_suffix(".pem")?.parse().ok());
        if let Some(number) = number {
            kept.push((number, path));
        }
    }
    kept.sort();
    Ok(kept)
}

/// Writes the key beside its place and links it there, so that nobody reads half a key and the first writer wins.
fn keep(folder: &Path, number: u32, key: &SigningKey) -> Result<(), KeyError> {
    let place = folder.join(format!("signing-key-{number}.pem"));
    let draft = folder.join(format!("draft-{}-{}", std::process::id(), key.id()));
    let pem = key.to_pem()?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(pem.as_bytes()))
        .and_then(|()| match fs::hard_link(&draft, &place) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        });
    let removed = fs::remove_file(&draft);
    written.and(removed).map_err(|source| folder_error(&place, source))
}

fn folder_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::Folder { path: path.to_owned(), source }
}
