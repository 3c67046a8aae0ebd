//! `postgres://…`: the address of a PostgreSQL database, and how to log in there.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The address of a PostgreSQL database, without its password in any output.
#[derive(Clone)]
pub struct Address {
    pub(super) config: Box<tokio_postgres::Config>,
    root_certificates: Option<PathBuf>,
}

/// The reason for which an address cannot be used. It never contains the address, which may have a
/// password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is not written as an address of PostgreSQL.
    #[error(
        "is not an address of PostgreSQL: {0}; write postgres://user@host:5432/database, with special characters percent-encoded"
    )]
    Malformed(String),
    /// The user or the database is missing.
    #[error("names no {0}; write postgres://user@host:5432/database")]
    Missing(&'static str),
    /// It has a password, and another one is set.
    #[error(
        "has a password, and server.database_password (or its file) is set, too; remove the one in the address"
    )]
    TwoPasswords,
    /// `sslmode` is none of the known values.
    #[error(
        "has an unknown sslmode; write `verify-full` (encrypted, with a verified certificate) or `disable`"
    )]
    SslMode,
    /// The certificates of `sslrootcert` cannot be used.
    #[error("names an sslrootcert that cannot be used: {0}")]
    RootCertificates(String),
    /// TLS cannot be set up.
    #[error("cannot be called, because TLS cannot be set up: {0}")]
    Tls(String),
}

impl Address {
    /// True if `text` is an address of PostgreSQL, and not the path of a file.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// Reads an address; `password` is the password if it has none.
    ///
    /// # Errors
    /// [`AddressError`] says what to write.
    pub fn parse(text: &str, password: Option<&str>) -> Result<Self, AddressError> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut ssl_mode, mut root_certificates) = (None, None);
        let mut others = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "sslmode" => ssl_mode = Some(parse_ssl_mode(&value)?),
                "sslrootcert" => root_certificates = Some(PathBuf::from(&*value)),
                _ => {
                    others.append_pair(&name, &value);
                }
            }
        }
        // The driver knows `%20` only.
        let others = others.finish().replace('+', "%20");
        let config = format!("{base}?{others}").parse::<tokio_postgres::Config>();
        let mut config = config.map_err(|error| AddressError::Malformed(reason(&error)))?;
        if config.get_user().is_none_or(str::is_empty) {
            return Err(AddressError::Missing("user"));
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(AddressError::Missing("database"));
        }
        if config.get_hosts().is_empty() {
            return Err(AddressError::Missing("host"));
        }
        // The driver ends the password at the first one, and the rest would be shown as a host.
        if config.get_hosts().iter().any(|host| host_text(host).contains('@')) {
            return Err(AddressError::Malformed("it has more than one `@`".to_owned()));
        }
        match (password, config.get_password()) {
            (Some(_), Some(_)) => return Err(AddressError::TwoPasswords),
            (Some(password), None) => {
                config.password(password);
            }
            (None, _) => {}
        }
        let is_local = config.get_hosts().iter().all(is_local);
        let fallback = if is_local { SslMode::Disable } else { SslMode::Require };
        config.ssl_mode(ssl_mode.unwrap_or(fallback));
        Ok(Self { config: Box::new(config), root_certificates })
    }

    /// Returns the password.
    #[cfg(test)]
    pub(crate) fn password(&self) -> Option<&[u8]> {
        self.config.get_password()
    }

    /// Returns the connector of its TLS. Blocks.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, AddressError> {
        let config = match &self.root_certificates {
            None => gateways::tls_config(),
            Some(path) => {
                let unusable = |cause: String| {
                    AddressError::RootCertificates(format!("{}: {cause}", path.display()))
                };
                let mut roots = RootCertStore::empty();
                let certificates = CertificateDer::pem_file_iter(path)
                    .map_err(|error| unusable(error.to_string()))?;
                for certificate in certificates {
                    let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                    roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
                }
                if roots.is_empty() {
                    return Err(unusable("it has no certificate".to_owned()));
                }
                let provider = Arc::new(rustls::crypto::ring::default_provider());
                ClientConfig::builder_with_provider(provider)
                    .with_safe_default_protocol_versions()
                    .map(|config| config.with_root_certificates(roots).with_no_client_auth())
            }
        };
        let config = config.map_err(|error| AddressError::Tls(error.to_string()))?;
        Ok(MakeRustlsConnect::new(config))
    }
}

fn parse_ssl_mode(text: &str) -> Result<SslMode, AddressError> {
    match text {
        "disable" => Ok(SslMode::Disable),
        // An encrypted connection to an unverified server would give it the password. `prefer` and
        // `allow` are refused: anybody in between could switch the encryption off.
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        _ => Err(AddressError::SslMode),
    }
}

/// Returns the driver's reason, which names a parameter but no value.
fn reason(error: &tokio_postgres::Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    let reason = source.unwrap_or_else(|| error.to_string());
    // If a password contains `?`, the driver takes its rest for the option's name, and quotes it.
    if reason.starts_with("unknown option") {
        return "it has an unknown option after its first `?`".to_owned();
    }
    reason
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => crate::address::is_loopback(&format!("postgres://{name}")),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

const DEFAULT_PORT: u16 = 5_432;

fn is_socket(host: &Host) -> bool {
    match host {
        Host::Tcp(_) => false,
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn host_text(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        write!(f, "postgres://{}@", text(self.config.get_user()))?;
        let (hosts, ports) = (self.config.get_hosts(), self.config.get_ports());
        let database = text(self.config.get_dbname());
        if hosts.iter().any(is_socket) {
            // A path would end the address, where its host is expected.
            let hosts: Vec<_> = hosts.iter().map(host_text).collect();
            write!(f, "/{database}?host={}", hosts.join(","))?;
            // The driver adds the default by itself.
            if ports.iter().any(|port| *port != DEFAULT_PORT) {
                let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
                write!(f, "&port={}", ports.join(","))?;
            }
            return Ok(());
        }
        for (index, host) in hosts.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            f.write_str(&host_text(host))?;
            if let Some(port) = ports.get(index).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{database}")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_shows_its_password() {
        let address =
            Address::parse("postgres://shop:s3cret%40@db.example:6432/books?sslmode=require", None)
                .unwrap();
        assert_eq!(address.to_string(), "postgres://shop@db.example:6432/books");
        assert_eq!(format!("{address:?}"), "postgres://shop@db.example:6432/books");
        assert_eq!(address.config.get_password(), Some(&b"s3cret@"[..]));
        let other = Address::parse("postgres://shop@db.example/books", Some("of a file")).unwrap();
        assert_eq!(other.config.get_password(), Some(&b"of a file"[..]));
        for text in [
            "postgres://shop:s3cret@:x/books",
            "postgres://shop:s3cret@h/b?sslmode=prefer",
            "postgres://shop:p@s3cret@127.0.0.1:5432/books",
            "postgresql://shop:p@q@s3cret@h/b",
            "postgres://shop:12?s3cret=x@h/b",
        ] {
            let error = Address::parse(text, None).unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_sockets_folder_is_shown_as_it_is_written() {
        let shown = |text: &str| Address::parse(text, None).unwrap().to_string();
        let plain = "postgres://shop@/books?host=/var/run/postgresql";
        assert_eq!(shown(plain), plain);
        let encoded = "postgres://shop:s3cret@%2Fvar%2Frun%2Fpostgresql/books";
        assert_eq!(shown(encoded), plain);
        let port = "postgres://shop@/books?host=/var/run/postgresql&port=6432";
        assert_eq!(shown(port), port);
        let two = "postgres://shop@/books?host=/run/postgresql,db.example&port=5432,6432";
        assert_eq!(shown(two), two);
        let user = "postgres:///books?host=/var/run/postgresql&user=shop&password=s3cret";
        assert_eq!(shown(user), plain);
    }

    #[test]
    fn a_connection_is_encrypted_unless_it_stays_on_this_machine() {
        let mode = |text: &str| Address::parse(text, None).unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://shop@db.example/books"), SslMode::Require);
        assert_eq!(mode("postgres://shop@127.0.0.1/books"), SslMode::Disable);
        assert_eq!(mode("postgres://shop@localhost/books"), SslMode::Disable);
        assert_eq!(mode("postgres://shop@%2Frun%2Fpostgresql/books"), SslMode::Disable);
        assert_eq!(mode("postgres://shop@localhost/books?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://shop@db.example/books?sslmode=disable"), SslMode::Disable);
    }

    #[test]
    fn each_missing_part_is_named() {
        let error = |text| Address::parse(text, None).unwrap_err();
        assert_eq!(error("postgres://db.example/books"), AddressError::Missing("user"));
        assert_eq!(error("postgres://shop@db.example"), AddressError::Missing("database"));
        assert_eq!(error("postgres://shop@h/b?sslmode=prefer"), AddressError::SslMode);
        let both = Address::parse("postgres://shop:one@h/b", Some("other")).unwrap_err();
        assert_eq!(both, AddressError::TwoPasswords);
        assert!(matches!(error("postgres://shop@h:port/b"), AddressError::Malformed(_)));
        assert!(matches!(error("postgres://shop@h/b?nonsense=1"), AddressError::Malformed(_)));
    }
}
