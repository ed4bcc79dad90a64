//! Chance that repeats: the same seed, the same numbers.

/// A small generator (`SplitMix64`).
pub struct Seed(u64);

impl Seed {
    /// From any text, such as an exchange's id.
    pub fn new(text: &str) -> Self {
        Seed(
            text.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// True once in `n`.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Any of `items`.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Sizes of pieces that cut `length` bytes at awkward places: one to seven bytes each, and larger ones between them
/// where the body is long.
pub fn pieces(seed: &mut Seed, length: usize) -> Vec<usize> {
    let large = length / 256;
    let mut left = length;
    let mut sizes = Vec::new();
    while left > 0 {
        let most = if large > 7 && seed.one_in(4) { large } else { 7 };
        let size = (1 + seed.below(most)).min(left);
        sizes.push(size);
        left -= size;
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::{Seed, pieces};

    #[test]
    fn pieces_cover_the_body_and_repeat() {
        for length in [0, 1, 7, 1000, 100_000] {
            let sizes = pieces(&mut Seed::new("a"), length);
            assert_eq!(sizes.iter().sum::<usize>(), length);
            assert_eq!(sizes, pieces(&mut Seed::new("a"), length));
            assert!(sizes.iter().all(|size| *size > 0));
        }
    }
}
