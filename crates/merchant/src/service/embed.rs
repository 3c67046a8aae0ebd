//! The prerendered selector, for the merchant's own servers.

use contract::{CreateSession, EmbedRequest};

use super::Backend;
use crate::address;
use crate::embed::Draft;
use crate::error::Error;

impl Backend {
    /// Checks a request for the prerendered selector before the session is opened, so that a
    /// refused request leaves no session behind.
    pub(crate) fn check_embed<'a>(
        &'a self,
        request: &'a EmbedRequest,
        body: &CreateSession,
    ) -> Result<Draft<'a>, Error> {
        let embed = self.embed.as_ref().ok_or_else(|| {
            Error::parameter(
                "embed",
                "needs the backend's settings embed.selector and embed.assets, which are not set",
            )
        })?;
        if let Some(url) = request.return_url.as_deref() {
            let is_known = self.settings.is_app_return_url(url)
                || address::origin(url).is_some_and(|origin| {
                    self.is_return_origin(&origin, body.return_url.as_deref())
                });
            if !is_known {
                return Err(Error::parameter(
                    "embed.return_url",
                    "must be an absolute address whose origin is in server.allowed_origins or that of `return_url`",
                ));
            }
        }
        embed.check(request, body.amount.currency)
    }
}
