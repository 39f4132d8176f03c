//! SHA-256 (FIPS 180-4), for phones that take the stronger challenge (RFC 8760).

const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// In lower-case hexadecimal.
pub fn sha256_hex(input: &str) -> String {
    let mut padded = input.as_bytes().to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((input.len() as u64 * 8).to_be_bytes());
    let mut state = START;
    let constants = constants();
    for block in padded.chunks_exact(64) {
        mix(&mut state, block, &constants);
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

fn mix(state: &mut [u32; 8], block: &[u8], constants: &[u32; 64]) {
    let mut words = [0u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes(bytes.try_into().unwrap());
    }
    for i in 16..64 {
        let (far, near) = (words[i - 15], words[i - 2]);
        let low = far.rotate_right(7) ^ far.rotate_right(18) ^ (far >> 3);
        let high = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
        words[i] = words[i - 16].wrapping_add(low).wrapping_add(words[i - 7]).wrapping_add(high);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for i in 0..64 {
        let high = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let one = h
            .wrapping_add(high)
            .wrapping_add(choice)
            .wrapping_add(constants[i])
            .wrapping_add(words[i]);
        let low = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let two = low.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
    }
    for (total, part) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *total = total.wrapping_add(part);
    }
}

/// The first 32 bits behind the point of the cube roots of the first 64 primes.
fn constants() -> [u32; 64] {
    let mut found = [0u32; 64];
    let mut candidate = 2u128;
    let mut count = 0;
    while count < 64 {
        if (2..candidate).all(|divisor| candidate % divisor != 0) {
            found[count] = cube_root(candidate << 96) as u32;
            count += 1;
        }
        candidate += 1;
    }
    found
}

fn cube_root(number: u128) -> u128 {
    let (mut low, mut high) = (0u128, 1u128 << 36);
    while low + 1 < high {
        let middle = (low + high) / 2;
        if middle * middle * middle <= number {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_fips_180() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256_hex(""), empty);
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex("abc"), abc);
        let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        let two = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
        assert_eq!(sha256_hex(long), two);
    }
}
