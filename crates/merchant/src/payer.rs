//! The payer, for the bridges: a wallet's own id of the account, which is passed to nobody else.

/// An account at a wallet.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Payer {
    /// WeChat's id, for our app.
    WechatOpenid(String),
    /// Alipay's user id, `2088…`.
    AlipayUserId(String),
    /// Alipay's open id, for our app.
    AlipayOpenId(String),
}

impl Payer {
    /// Returns the text to store.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::WechatOpenid(id) => format!("openid={id}"),
            Self::AlipayUserId(id) => format!("user_id={id}"),
            Self::AlipayOpenId(id) => format!("open_id={id}"),
        }
    }

    /// Parses the stored text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('=')?;
        let id = id.to_owned();
        match kind {
            "openid" => Some(Self::WechatOpenid(id)),
            "user_id" => Some(Self::AlipayUserId(id)),
            "open_id" => Some(Self::AlipayOpenId(id)),
            _ => None,
        }
    }
}

/// Personal data: no log shows it (gateways.md G3.10).
impl std::fmt::Debug for Payer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::WechatOpenid(_) => "openid=***",
            Self::AlipayUserId(_) => "user_id=***",
            Self::AlipayOpenId(_) => "open_id=***",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payers_round_trip_and_are_hidden_in_debug_output() {
        for payer in [
            Payer::WechatOpenid("o_1=2".to_owned()),
            Payer::AlipayUserId("2088000000000001".to_owned()),
            Payer::AlipayOpenId("abc".to_owned()),
        ] {
            assert_eq!(Payer::parse(&payer.to_text()), Some(payer.clone()));
            assert!(format!("{payer:?}").ends_with("=***"));
        }
        assert_eq!(Payer::parse("phone=1"), None);
        assert_eq!(Payer::parse(""), None);
    }
}
