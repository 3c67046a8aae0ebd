//! The widget's own state machine against the backend.

use checkout::Event;

use super::payments::both;
use crate::backend::Backend;
use crate::failure::Checked;
use crate::shopper::Shopper;

pub(super) async fn pays(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let session = backend.read(&opened).await?;
    for method in session.payment_methods {
        let opened = backend.open().await?;
        let mut shopper = Shopper::new(backend, &opened);
        let code = shopper.pay(method).await?;
        backend.approve(&code, method).await?;
        shopper.is("succeeded").await?;
    }
    Ok(())
}

pub(super) async fn switches(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let (one, other) = both(backend, &opened).await?;
    let mut shopper = Shopper::new(backend, &opened);
    shopper.pay(one).await?;
    shopper.tell(Event::SwitchRequested);
    let code = shopper.pay(other).await?;
    backend.approve(&code, other).await?;
    shopper.is("succeeded").await
}

pub(super) async fn cancels(backend: &Backend) -> Checked {
    let opened = backend.open().await?;
    let (one, _) = both(backend, &opened).await?;
    let mut shopper = Shopper::new(backend, &opened);
    shopper.pay(one).await?;
    shopper.tell(Event::CancelRequested);
    shopper.is("canceled").await
}
