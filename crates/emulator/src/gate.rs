//! Who may look at the state: many requests at a time, or one who replaces it or writes it down.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A gate that requests pass. Clones are the same gate.
///
/// A state has several parts under locks of their own: the service, the clock, the faults, the rate limit. A
/// request that read the clock before they were replaced and went on with the new ones would bring the old
/// time into the new state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<RwLock<()>>);

/// Held by a request. Whoever holds it does not ask for another one: that one would wait for a change, which
/// waits for the first.
pub(crate) type Serving<'g> = RwLockReadGuard<'g, ()>;

/// Held while all of a state is replaced, or written down.
pub(crate) type Changing<'g> = RwLockWriteGuard<'g, ()>;

impl Gate {
    /// Waits until nobody changes all of the state.
    pub(crate) fn serve(&self) -> Serving<'_> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no request is inside.
    pub(crate) fn change(&self) -> Changing<'_> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody is inside.
    #[cfg(test)]
    pub(crate) fn is_free(&self) -> bool {
        self.0.try_write().is_ok()
    }
}
