//! A strict DER reader, just enough to find an RSA public key and to outline a certificate.
//!
//! It knows PKCS#1 `RSAPublicKey`, X.509 `SubjectPublicKeyInfo` and the outline of an X.509
//! certificate; what the parts of a certificate mean is for [`certificate`](crate::certificate).

/// An RSA public key as found.
#[derive(Debug)]
pub(crate) struct RsaPublic<'a> {
    /// The DER of PKCS#1 `RSAPublicKey`, which is what `ring` verifies with.
    pub(crate) pkcs1: &'a [u8],
    /// The modulus, big-endian, without leading zeros.
    pub(crate) modulus: &'a [u8],
}

/// Finds the RSA public key in PKCS#1, `SubjectPublicKeyInfo` or certificate DER.
pub(crate) fn rsa_public_key(der: &[u8]) -> Option<RsaPublic<'_>> {
    pkcs1(der).or_else(|| spki(der)).or_else(|| spki(outline(der)?.public_key))
}

/// The parts of an X.509 certificate, each still in DER.
#[derive(Debug)]
pub(crate) struct Outline<'a> {
    /// What the issuer signed, with its header.
    pub(crate) signed: &'a [u8],
    /// Content of the serial number's INTEGER.
    pub(crate) serial: &'a [u8],
    /// Content of the issuer's `Name`.
    pub(crate) issuer: &'a [u8],
    /// Content of `Validity`.
    pub(crate) validity: &'a [u8],
    /// Content of the subject's `Name`.
    pub(crate) subject: &'a [u8],
    /// `SubjectPublicKeyInfo` with its header.
    pub(crate) public_key: &'a [u8],
    /// Content of the signature's `AlgorithmIdentifier`.
    pub(crate) algorithm: &'a [u8],
    /// The issuer's signature.
    pub(crate) signature: &'a [u8],
}

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
/// `[0] EXPLICIT`, a certificate's version.
const VERSION: u8 = 0xa0;
/// `rsaEncryption` 1.2.840.113549.1.1.1 with its NULL parameter.
const RSA_ALGORITHM: &[u8] =
    &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

fn pkcs1(der: &[u8]) -> Option<RsaPublic<'_>> {
    let mut key = Reader(whole(der, SEQUENCE)?);
    let modulus = key.positive_integer()?;
    key.positive_integer()?;
    key.end()?;
    Some(RsaPublic { pkcs1: der, modulus })
}

fn spki(der: &[u8]) -> Option<RsaPublic<'_>> {
    let mut info = Reader(whole(der, SEQUENCE)?);
    let algorithm = info.take(SEQUENCE)?;
    let bits = info.take(BIT_STRING)?;
    info.end()?;
    match bits.split_first() {
        Some((0, key)) if algorithm == RSA_ALGORITHM => pkcs1(key),
        _ => None,
    }
}

/// Takes a certificate apart; checks nothing but its form.
pub(crate) fn outline(der: &[u8]) -> Option<Outline<'_>> {
    let mut outer = Reader(whole(der, SEQUENCE)?);
    let signed = outer.raw(SEQUENCE)?;
    let algorithm = outer.take(SEQUENCE)?;
    let (unused_bits, signature) = outer.take(BIT_STRING)?.split_first()?;
    outer.end()?;
    if *unused_bits != 0 {
        return None;
    }
    let mut certificate = Reader(whole(signed, SEQUENCE)?);
    if certificate.0.first() == Some(&VERSION) {
        certificate.take(VERSION)?;
    }
    let serial = certificate.take(INTEGER)?;
    certificate.take(SEQUENCE)?;
    let issuer = certificate.take(SEQUENCE)?;
    let validity = certificate.take(SEQUENCE)?;
    let subject = certificate.take(SEQUENCE)?;
    let public_key = certificate.raw(SEQUENCE)?;
    Some(Outline { signed, serial, issuer, validity, subject, public_key, algorithm, signature })
}

/// The content of the one element that fills `der`.
fn whole(der: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader(der);
    let content = reader.take(tag)?;
    reader.end()?;
    Some(content)
}

/// Reads elements one after another.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    /// The tag and the content of the next element.
    pub(crate) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let tag = *self.0.first()?;
        Some((tag, self.take(tag)?))
    }

    /// The content of the next element, if it has this tag.
    pub(crate) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_first()?;
        if *found != tag {
            return None;
        }
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }

    /// The next element with its header, if it has this tag.
    fn raw(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.0;
        self.take(tag)?;
        before.get(..before.len().checked_sub(self.0.len())?)
    }

    /// A positive INTEGER without its sign byte.
    fn positive_integer(&mut self) -> Option<&'a [u8]> {
        match self.take(INTEGER)? {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Some(rest),
            value @ [0x01..=0x7f, ..] => Some(value),
            _ => None,
        }
    }

    pub(crate) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// A definite length in its shortest form, as DER demands.
fn length(der: &[u8]) -> Option<(usize, &[u8])> {
    match der {
        [short @ 0..=0x7f, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, one @ 0x80..=0xff, rest @ ..] => Some((usize::from(*one), rest)),
        [0x82, high @ 0x01..=0xff, low, rest @ ..] => {
            Some((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
