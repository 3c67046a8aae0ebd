//! The keys that verify Alipay: a public key, or those of certificates (gateways.md B8).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use time::OffsetDateTime;

use crate::certificate::{Certificate, CertificateDates};
use crate::keys::{SigningKey, VerifyingKey};
use crate::{ConfigError, ConfigWarning, SignatureError};

/// The three certificates of an application in certificate mode (gateways.md B8), as texts.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificates {
    /// `appCertPublicKey_….crt`.
    pub app_cert: String,
    /// `alipayCertPublicKey_RSA2.crt`: one certificate of Alipay's or several, with or without
    /// those of the authorities that issued it.
    pub alipay_cert: String,
    /// `alipayRootCert.crt`: the roots that certificates from the network must chain to.
    pub alipay_root_cert: String,
}

/// The keys that Alipay may sign with.
pub(super) enum Trust {
    /// Public-key mode.
    Key(Arc<VerifyingKey>),
    /// Certificate mode.
    Certificates(Box<CertificateTrust>),
}

/// The certificates of certificate mode.
pub(super) struct CertificateTrust {
    /// Serial of the application's certificate, sent with every request.
    pub(super) app_cert_sn: String,
    /// Serials of the root certificates, sent with every request.
    pub(super) root_cert_sn: String,
    /// The dates of the configured certificates.
    pub(super) dates: Vec<CertificateDates>,
    /// The settings that the operator should check.
    pub(super) warnings: Vec<ConfigWarning>,
    /// Alipay's configured certificates by their serials; the first is used where a message names
    /// none.
    signers: Vec<(String, Arc<VerifyingKey>)>,
    /// Alipay's certificates that were downloaded, by their serials.
    learnt: RwLock<HashMap<String, (Arc<VerifyingKey>, CertificateDates)>>,
    /// The configured certificates of Alipay and its authorities.
    configured: Vec<Certificate>,
    roots: Vec<Certificate>,
}

impl Trust {
    /// Reads Alipay's public key.
    pub(super) fn in_key(text: &str, own: &SigningKey) -> Result<Self, ConfigError> {
        const FIELD: &str = "alipay.alipay_public_key";
        let key = VerifyingKey::load(FIELD, text)?;
        if key.is_counterpart_of(own) {
            return Err(ConfigError::new(
                FIELD,
                "is the application's own public key; copy the Alipay public key that the console shows after upload",
            ));
        }
        Ok(Self::Key(Arc::new(key)))
    }

    /// Reads the three certificates. One of Alipay's without a chain to a root is accepted with a
    /// warning: the operator chose it, and Alipay's own files are incomplete (gateways.md B8).
    pub(super) fn in_certificates(
        texts: &Certificates,
        own: &SigningKey,
    ) -> Result<Self, ConfigError> {
        const APP: &str = "alipay.app_cert";
        const ROOT: &str = "alipay.alipay_root_cert";
        let (app, _) = first(APP, &texts.app_cert)?;
        let app_dates = app.dates(APP, app.serial_hex());
        let (app_key, app_cert_sn) = usable(APP, &app)?;
        if !app_key.is_counterpart_of(own) {
            return Err(ConfigError::new(
                APP,
                "is not the certificate of app_private_key; download appCertPublicKey of this application",
            ));
        }
        let roots = all(ROOT, &texts.alipay_root_cert)?;
        // Several certificates are configured while Alipay changes its own. One that issued another is
        // an authority's and signs no message.
        let all = all(ALIPAY, &texts.alipay_cert)?;
        let is_leaf = |one: &&Certificate| {
            !all.iter().any(|other| one.alipay_sn() != other.alipay_sn() && one.has_issued(other))
        };
        let leaves: Vec<&Certificate> = all.iter().filter(is_leaf).collect();
        let (mut signers, mut dates) = (Vec::new(), vec![app_dates]);
        let mut warnings = Vec::new();
        for leaf in leaves {
            if !leaf.chains_to_a_root(&all, &roots) {
                warnings.push(ConfigWarning {
                    field: ALIPAY,
                    problem: format!(
                        "the certificate {} does not chain to alipay_root_cert; it is used all the same, but compare it with the one in Alipay's console",
                        leaf.serial_hex()
                    ),
                });
            }
            dates.push(leaf.dates(ALIPAY, leaf.serial_hex()));
            let (key, sn) = usable(ALIPAY, leaf)?;
            if key.is_counterpart_of(own) {
                return Err(ConfigError::new(
                    ALIPAY,
                    "is the application's own certificate; put alipayCertPublicKey_RSA2 here",
                ));
            }
            signers.push((sn, Arc::new(key)));
        }
        let root_cert_sn = root_sn(ROOT, &roots)?;
        Ok(Self::Certificates(Box::new(CertificateTrust {
            app_cert_sn,
            root_cert_sn,
            dates,
            warnings,
            signers,
            learnt: RwLock::default(),
            configured: all,
            roots,
        })))
    }

    /// The key for a message that names a certificate, or none.
    ///
    /// # Errors
    /// [`SignatureError::UnknownSerial`] for a certificate that is neither configured nor
    /// downloaded.
    pub(super) fn key(&self, cert_sn: Option<&str>) -> Result<Arc<VerifyingKey>, SignatureError> {
        let trust = match self {
            Self::Key(key) => return Ok(Arc::clone(key)),
            Self::Certificates(trust) => trust,
        };
        let named = cert_sn.filter(|sn| !sn.is_empty());
        trust.find(named).ok_or_else(|| SignatureError::UnknownSerial {
            serial: named.unwrap_or_default().chars().take(64).collect(),
        })
    }
}

impl CertificateTrust {
    fn find(&self, named: Option<&str>) -> Option<Arc<VerifyingKey>> {
        let is_named = |sn: &str| named.is_none_or(|named| named.eq_ignore_ascii_case(sn));
        let configured = self.signers.iter().find(|(sn, _)| is_named(sn));
        configured.map(|(_, key)| Arc::clone(key)).or_else(|| {
            let learnt = self.learnt.read().unwrap_or_else(PoisonError::into_inner);
            learnt.get(&named?.to_ascii_lowercase()).map(|(key, _)| Arc::clone(key))
        })
    }

    /// Returns the dates of the downloaded certificates.
    pub(super) fn downloaded(&self) -> Vec<CertificateDates> {
        let learnt = self.learnt.read().unwrap_or_else(PoisonError::into_inner);
        learnt.values().map(|(_, dates)| dates.clone()).collect()
    }

    /// Trusts the certificate of this serial from now on, if it is Alipay's: valid, with a chain to
    /// a configured root, and with the common name of a configured one. The certificates of all
    /// applications chain to the same root and have the same organization.
    ///
    /// # Errors
    /// The reason for which the certificate is refused.
    pub(super) fn learn(
        &self,
        cert_sn: &str,
        downloaded: &[Certificate],
        now: OffsetDateTime,
        own: &SigningKey,
    ) -> Result<(), &'static str> {
        let new = downloaded
            .iter()
            .find(|one| one.alipay_sn().as_deref() == Some(cert_sn))
            .ok_or("another certificate than asked for")?;
        if !new.is_valid_at(now) {
            return Err("a certificate that is not valid now");
        }
        // Roots issue authorities only. No other certificate of the answer may issue one.
        let is_authority = |one: &&Certificate| self.roots.iter().any(|root| root.has_issued(one));
        let authorities = downloaded.iter().filter(is_authority).chain(&self.configured);
        if !new.chains_to_a_root(authorities, &self.roots) {
            return Err("a certificate without a chain to a configured root");
        }
        let is_alipays = |one: &Certificate| {
            one.alipay_sn().is_some_and(|sn| self.signers.iter().any(|(signer, _)| *signer == sn))
                && one.common_name().is_some()
                && one.common_name() == new.common_name()
        };
        if !self.configured.iter().any(is_alipays) {
            return Err("a certificate of another name than the configured one");
        }
        let key = new.key.clone().filter(|key| !key.is_counterpart_of(own));
        let key = key.ok_or("a certificate that is not Alipay's")?;
        let mut learnt = self.learnt.write().unwrap_or_else(PoisonError::into_inner);
        if learnt.len() >= MAX_LEARNT {
            learnt.clear();
        }
        learnt.insert(cert_sn.to_owned(), (Arc::new(key), new.dates(ALIPAY, new.serial_hex())));
        Ok(())
    }
}

const ALIPAY: &str = "alipay.alipay_cert";
/// Limit of downloaded certificates in memory; a removed one is downloaded again when needed.
const MAX_LEARNT: usize = 16;

fn all(field: &'static str, text: &str) -> Result<Vec<Certificate>, ConfigError> {
    Certificate::parse_all(text)
        .filter(|all| !all.is_empty())
        .ok_or_else(|| ConfigError::new(field, "is not a certificate; paste the whole .crt file"))
}

/// The first certificate of a file, and the others.
fn first(field: &'static str, text: &str) -> Result<(Certificate, Vec<Certificate>), ConfigError> {
    let mut certificates = all(field, text)?.into_iter();
    let first = certificates.next().ok_or_else(|| {
        ConfigError::new(field, "is not a certificate; paste the whole .crt file")
    })?;
    Ok((first, certificates.collect()))
}

/// A certificate's key and its serial in Alipay's way.
fn usable(
    field: &'static str,
    certificate: &Certificate,
) -> Result<(VerifyingKey, String), ConfigError> {
    let sn = certificate.alipay_sn();
    certificate.key.clone().zip(sn).ok_or_else(|| {
        ConfigError::new(field, "is not a certificate of Alipay's for an RSA key of 2048 bits")
    })
}

/// The serials of the roots that sign by RSA, joined by `_`.
fn root_sn(field: &'static str, roots: &[Certificate]) -> Result<String, ConfigError> {
    let signed_by_rsa = roots.iter().filter(|root| root.is_signed_by_rsa());
    let sns: Option<Vec<String>> = signed_by_rsa.map(Certificate::alipay_sn).collect();
    sns.filter(|sns| !sns.is_empty()).map(|sns| sns.join("_")).ok_or_else(|| {
        ConfigError::new(
            field,
            "has no certificate of Alipay's; paste the whole alipayRootCert.crt",
        )
    })
}
