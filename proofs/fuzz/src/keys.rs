//! The keys of both sides, generated on first use, and clients that trust them.
//!
//! They are generated from a fixed seed, so that an input of the corpus has the same signatures in
//! every run.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateways::{Secret, alipay, wechat_pay};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::{CryptoRng, RngCore, impls};

use crate::random::Random;

pub(crate) const KEY_ID: &str = "PUB_KEY_ID_0000000000000024101100397200000006";
pub(crate) const MCHID: &str = "1900007291";
pub(crate) const APP_ID: &str = "2021000000000001";
pub(crate) const SELLER_ID: &str = "2088000000000001";
const API_V3_KEY: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

/// The platform's key and the merchant's clients: one platform acts as both gateways.
pub(crate) struct Keys {
    pair: RsaKeyPair,
    pub(crate) wechat_pay: wechat_pay::Client,
    pub(crate) alipay: alipay::Client,
}

/// Returns the keys of this process.
pub(crate) fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(Keys::make)
}

impl Keys {
    fn make() -> Self {
        let der = platform_key().to_pkcs8_der().expect("a key in DER");
        let (wechat_pay, alipay) = clients("http://127.0.0.1:9");
        Self {
            pair: RsaKeyPair::from_pkcs8(der.as_bytes()).expect("a key that was just made"),
            wechat_pay,
            alipay,
        }
    }

    /// Returns the platform's signature in base64.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("a signature");
        STANDARD.encode(signature)
    }
}

/// Returns the merchant's clients, with both gateways at `base_url`.
pub(crate) fn clients(base_url: &str) -> (wechat_pay::Client, alipay::Client) {
    let public = platform_key().to_public_key().to_public_key_pem(LineEnding::LF);
    let public = public.expect("a key in PEM");
    let own = private_key(2).to_pkcs8_pem(LineEnding::LF).expect("a key in PEM");
    let wechat_pay = wechat_pay::Client::new(wechat_pay::Config {
        base_url: base_url.to_owned(),
        public_key_id: Some(KEY_ID.to_owned()),
        public_key: Some(public.clone()),
        ..wechat_pay::Config::new(
            MCHID,
            "wxd678efh567hg6787",
            "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB",
            Secret::new(own.as_str()),
            Secret::new(String::from_utf8_lossy(API_V3_KEY)),
        )
    });
    let alipay = alipay::Client::new(alipay::Config {
        gateway_url: format!("{base_url}/gateway.do"),
        alipay_public_key: Some(public),
        ..alipay::Config::new(APP_ID, SELLER_ID, Secret::new(own.as_str()))
    });
    (wechat_pay.expect("a sound configuration"), alipay.expect("a sound configuration"))
}

/// Encrypts as WeChat Pay does, in base64 with its tag (gateways.md A7).
pub(crate) fn encrypt(plain: &[u8], nonce: [u8; 12], associated_data: &str) -> String {
    let key = UnboundKey::new(&AES_256_GCM, API_V3_KEY).expect("32 bytes");
    let mut data = plain.to_vec();
    let nonce = Nonce::assume_unique_for_key(nonce);
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(associated_data.as_bytes()), &mut data)
        .expect("it encrypts");
    STANDARD.encode(data)
}

fn platform_key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| private_key(1))
}

fn private_key(seed: u64) -> RsaPrivateKey {
    RsaPrivateKey::new(&mut Seeded(Random::new(seed)), 2048).expect("a key")
}

/// [`Random`] for the key generator. The keys protect nothing.
struct Seeded(Random);

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        self.0.bits()
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        for chunk in dest.chunks_mut(8) {
            let bytes = self.0.bits().to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(bytes) {
                *to = from;
            }
        }
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl CryptoRng for Seeded {}
