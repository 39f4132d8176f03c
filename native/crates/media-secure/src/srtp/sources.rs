//! The sources of one stream: a few, the one that spoke last in front.

/// Sources that we follow of a peer, who has one or two at a time and a new one after a transfer.
pub(super) const MAX_SOURCES_HEARD: usize = 16;
/// Sources under which we send; we never forget one while its key is in use, so it may be more.
pub(super) const MAX_SOURCES_SENT: usize = 64;

/// What is known of each source.
pub(super) struct Sources<T> {
    /// Latest first.
    known: Vec<(u32, T)>,
}

impl<T: Default> Sources<T> {
    pub(super) fn new() -> Self {
        Self { known: Vec::new() }
    }

    /// The source, which comes to the front.
    pub(super) fn get(&mut self, ssrc: u32) -> Option<&mut T> {
        let place = self.known.iter().position(|(known, _)| *known == ssrc)?;
        // One speaks at a time, so this nearly always turns nothing.
        self.known[..=place].rotate_right(1);
        self.known.first_mut().map(|(_, state)| state)
    }

    /// The source, new or known; None when it is one too many.
    pub(super) fn get_or_add(&mut self, ssrc: u32, at_most: usize) -> Option<&mut T> {
        if self.get(ssrc).is_none() {
            if self.known.len() >= at_most {
                return None;
            }
            self.known.insert(0, (ssrc, T::default()));
        }
        self.known.first_mut().map(|(_, state)| state)
    }

    /// The source, new or known, at the cost of the one that was silent for longest.
    pub(super) fn get_or_replace(&mut self, ssrc: u32, at_most: usize) -> &mut T {
        if self.get(ssrc).is_none() {
            self.known.truncate(at_most - 1);
            self.known.insert(0, (ssrc, T::default()));
        }
        &mut self.known[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_was_silent_for_longest_goes() {
        let mut sources = Sources::new();
        for ssrc in 0..16 {
            *sources.get_or_add(ssrc, 16).unwrap() = ssrc * 10;
        }
        assert_eq!(sources.get_or_add(16, 16), None);
        assert_eq!(sources.get(0), Some(&mut 0));

        *sources.get_or_replace(16, 16) = 160;

        assert_eq!(sources.get(1), None);
        assert_eq!(sources.get(0), Some(&mut 0));
        assert_eq!(sources.get_or_replace(15, 16), &mut 150);
        assert_eq!(sources.get(16), Some(&mut 160));
    }
}
