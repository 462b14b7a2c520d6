//! Where uploaded files are kept: in a bucket on this machine, unless the environment names a real one.

use std::net::SocketAddr;
use std::path::Path;

use local_s3::{LocalS3, Options, REGION, StartError};
use service_runtime::{Environment, EnvironmentError};

/// The bucket on this machine.
const BUCKET: &str = "zst";

/// Where the bucket is.
#[derive(Debug)]
pub(crate) enum Storage {
    /// Below the program's own folder.
    Local {
        address: SocketAddr,
        /// Of the public files.
        public_address: SocketAddr,
    },
    /// Where the environment says.
    Elsewhere(Bucket),
}

/// A bucket, and who may use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bucket {
    endpoint: String,
    region: String,
    name: String,
    /// The name of the key, and what it signs with.
    keys: Keys,
    public_url: String,
}

/// What signs at the bucket.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) access: String,
    pub(crate) secret: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Keys").field("access", &self.access).finish_non_exhaustive()
    }
}

impl Storage {
    /// `beside`: a second market, whose ports are any free ones.
    pub(crate) fn declare(environment: &Environment, beside: bool) -> Result<Self, EnvironmentError> {
        let port = |name: &str, default: &str, meaning: &str| {
            let port: u16 = environment.or(name, if beside { "0" } else { default }, meaning)?;
            Ok::<_, EnvironmentError>(SocketAddr::from(([127, 0, 0, 1], port)))
        };
        let address = port("S3_PORT", "8092", "of the bucket on this machine")?;
        let public_address = port("PUBLIC_MEDIA_PORT", "8091", "of the public files in it")?;
        let endpoint: Option<String> = environment
            .optional("ZST_S3_ENDPOINT", "a server with a bucket to use instead; then the next four count")?;
        let mut others = Vec::new();
        for (name, sample, meaning) in [
            ("ZST_S3_BUCKET", "zst-media", "its name"),
            ("ZST_S3_ACCESS_KEY", "1f0e", "the name of a key that may read, write and delete in it"),
            ("ZST_S3_SECRET_KEY", "9a8b", "what that key signs with"),
            ("ZST_MEDIA_URL", "https://media.example.com", "where everybody may read what is in it"),
        ] {
            others.push(match endpoint {
                None => environment.optional(name, meaning)?.unwrap_or_default(),
                Some(_) => environment.required(name, sample, meaning)?,
            });
        }
        let region = environment.or("ZST_S3_REGION", REGION, "the region that signatures name")?;
        let (Some(endpoint), Ok([name, access, secret, public_url])) = (endpoint, <[String; 4]>::try_from(others))
        else {
            return Ok(Self::Local { address, public_address });
        };
        Ok(Self::Elsewhere(Bucket { endpoint, region, name, keys: Keys { access, secret }, public_url }))
    }

    /// What is told to services, once more when ports that were to be free ones are known.
    pub(crate) fn bucket(&self, keys: &Keys) -> Bucket {
        match self {
            Self::Elsewhere(bucket) => bucket.clone(),
            Self::Local { address, public_address } => Bucket {
                endpoint: format!("http://{address}"),
                region: REGION.to_owned(),
                name: BUCKET.to_owned(),
                keys: keys.clone(),
                public_url: format!("http://{public_address}"),
            },
        }
    }

    /// The ports of this machine that are needed, by the variable that moves them.
    pub(crate) fn ports(&self) -> [(&'static str, Option<SocketAddr>); 2] {
        let (address, public_address) = match *self {
            Self::Local { address, public_address } => (Some(address), Some(public_address)),
            Self::Elsewhere(_) => (None, None),
        };
        [("S3_PORT", address), ("PUBLIC_MEDIA_PORT", public_address)]
    }

    /// Starts the bucket on this machine, if it is that one; its objects are kept in the folder.
    pub(crate) fn start(&self, folder: &Path, keys: &Keys) -> Result<Option<LocalS3>, StartError> {
        let Self::Local { address, public_address } = *self else { return Ok(None) };
        LocalS3::start(Options {
            folder: folder.join("s3"),
            address,
            public_address,
            bucket: BUCKET.to_owned(),
            access_key: keys.access.clone(),
            secret_key: keys.secret.clone(),
        })
        .map(Some)
    }
}

impl Bucket {
    /// The variables of the services.
    pub(crate) fn variables(self) -> [(String, String); 7] {
        [
            ("GATEWAY_MEDIA_PUBLIC_URL", self.public_url.clone()),
            ("MEDIA_PUBLIC_URL", self.public_url),
            ("MEDIA_S3_ENDPOINT", self.endpoint),
            ("MEDIA_S3_REGION", self.region),
            ("MEDIA_S3_BUCKET", self.name),
            ("MEDIA_S3_ACCESS_KEY", self.keys.access),
            ("MEDIA_S3_SECRET_KEY", self.keys.secret),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELSEWHERE: [(&str, &str); 5] = [
        ("ZST_S3_ENDPOINT", "https://1.r2.cloudflarestorage.com"),
        ("ZST_S3_BUCKET", "zst-media"),
        ("ZST_S3_ACCESS_KEY", "name"),
        ("ZST_S3_SECRET_KEY", "secret"),
        ("ZST_MEDIA_URL", "https://media.example.com"),
    ];

    fn keys() -> Keys {
        Keys { access: "own name".to_owned(), secret: "own secret".to_owned() }
    }

    fn told(storage: &Storage, name: &str) -> String {
        let variables = storage.bucket(&keys()).variables();
        variables.into_iter().find(|(known, _)| known == name).unwrap().1
    }

    #[test]
    fn a_bucket_of_this_machine_is_used_where_none_is_named() {
        let storage = Storage::declare(&Environment::default(), false).unwrap();
        assert_eq!(told(&storage, "MEDIA_S3_ENDPOINT"), "http://127.0.0.1:8092");
        assert_eq!(told(&storage, "GATEWAY_MEDIA_PUBLIC_URL"), "http://127.0.0.1:8091");
        assert_eq!(told(&storage, "MEDIA_S3_SECRET_KEY"), "own secret");
        let beside = Storage::declare(&Environment::default(), true).unwrap();
        assert!(beside.ports().iter().all(|(_, address)| address.unwrap().port() == 0));
    }

    #[test]
    fn a_real_bucket_is_named_whole() {
        let storage = Storage::declare(&ELSEWHERE.into_iter().collect(), false).unwrap();
        assert_eq!(told(&storage, "MEDIA_S3_ENDPOINT"), "https://1.r2.cloudflarestorage.com");
        assert_eq!(told(&storage, "MEDIA_S3_REGION"), "auto");
        assert_eq!(told(&storage, "MEDIA_S3_SECRET_KEY"), "secret");
        assert_eq!(told(&storage, "MEDIA_PUBLIC_URL"), "https://media.example.com");
        assert!(storage.ports().iter().all(|(_, address)| address.is_none()));
        assert!(!format!("{storage:?}").contains("secret"));
        for left_out in 1..ELSEWHERE.len() {
            let mut some = ELSEWHERE.to_vec();
            let (name, _) = some.remove(left_out);
            let refused = Storage::declare(&some.into_iter().collect(), false).unwrap_err();
            assert!(refused.to_string().starts_with(name), "{refused}");
        }
    }
}
