//! Component lifecycle module

use std::mem;
use std::rc::Rc;

use super::component::{Component, Context};
use super::scope::{Inner, Scope};
use crate::dom_bundle::Bundle;
use crate::scheduler::{self, Runnable, Stage};

/// A component that lives, and what it has drawn.
pub(super) struct ComponentState<COMP: Component> {
    component: COMP,
    context: Context<COMP>,
    bundle: Bundle,
}

impl<COMP: Component> Runnable for Inner<COMP> {
    fn run(self: Rc<Self>, stage: Stage) {
        match stage {
            // Upstream creates what was destroyed before, and never destroys it again.
            Stage::Create if self.is_destroyed.get() => return,
            Stage::Create => {
                let scope = Scope { inner: self.clone() };
                let context = Context { scope, props: self.props.clone() };
                let component = COMP::create(&context);
                let state = ComponentState { component, context, bundle: Bundle::new() };
                *self.state.borrow_mut() = Some(state);
                return;
            }
            Stage::Destroy => {
                self.is_destroyed.set(true);
                let state = self.state.borrow_mut().take();
                if let Some(mut state) = state {
                    state.component.destroy(&state.context);
                    state.bundle.detach(&self.host);
                }
                return;
            }
            _ => {}
        }
        let mut state = self.state.borrow_mut();
        // Nothing is left to do for components that have already been destroyed
        let Some(ComponentState { component, context, bundle }) = state.as_mut() else { return };
        match stage {
            Stage::FirstRender | Stage::Render => {
                bundle.reconcile(&self.host, component.view(context));
                let is_first = stage == Stage::FirstRender;
                let next = if is_first { Stage::FirstRendered } else { Stage::Rendered };
                scheduler::push(next, self.clone());
            }
            Stage::Update => {
                let mut changed = false;
                let messages = mem::take(&mut *self.pending_messages.borrow_mut());
                for message in messages {
                    changed |= component.update(context, message);
                }
                if changed {
                    scheduler::push(Stage::Render, self.clone());
                }
            }
            _ => component.rendered(context, stage == Stage::FirstRendered),
        }
    }
}
