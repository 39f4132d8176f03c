//! What libsrtp 2 makes of some packets: we read it, and write the same octets.

use media_secure::srtp::{Incoming, Outgoing, Profile};

/// Octet n of the key and salt is 7n + 3. The packets are PCMU of twenty octets (0, 1, 2...) with
/// the sequence numbers 0x7ffe, 0xfffe (that one with a header extension), 0xffff and 0; then the
/// same sender report twice.
const PROTECTED: [(Profile, [&str; 6]); 4] = [
    (
        Profile::AesCm128HmacSha1_80,
        [
            "80007ffe004ffec0ca11ab1edfa514e240eab2f2d6cc0d3b10441f10e1be675ee9e5dc00bf451475\
             1c47",
            "9100fffe009ffec0ca11ab1e01020304bede000110aa0000a915c719720722f2850184753b16f526\
             0fcbfa776c76fe14b364246ea2cf",
            "8000ffff009fff60ca11ab1e543ad29fc92b86a92b42329b2cf030eea9980efc918f086ac5f1a6f9\
             9e1e",
            "8000000000000000ca11ab1e9f2205d5373a8d1cdab27bd0f19c197acda8853a83d14091d752d335\
             df52",
            "80c80006ca11ab1e326c1dd609fa9c9ced8b75bb294c9722b68e957d80000001b5beb4d1aad8ac08\
             a732",
            "80c80006ca11ab1e978387e0be4e9dd7edb63c0a7809ee513420ab0d8000000204d898b26b7edab4\
             dbfc",
        ],
    ),
    (
        Profile::AesCm128HmacSha1_32,
        [
            "80007ffe004ffec0ca11ab1edfa514e240eab2f2d6cc0d3b10441f10e1be675ee9e5dc00",
            "9100fffe009ffec0ca11ab1e01020304bede000110aa0000a915c719720722f2850184753b16f526\
             0fcbfa776c76fe14",
            "8000ffff009fff60ca11ab1e543ad29fc92b86a92b42329b2cf030eea9980efc918f086a",
            "8000000000000000ca11ab1e9f2205d5373a8d1cdab27bd0f19c197acda8853a83d14091",
            "80c80006ca11ab1e326c1dd609fa9c9ced8b75bb294c9722b68e957d80000001b5beb4d1aad8ac08\
             a732",
            "80c80006ca11ab1e978387e0be4e9dd7edb63c0a7809ee513420ab0d8000000204d898b26b7edab4\
             dbfc",
        ],
    ),
    (
        Profile::AeadAes128Gcm,
        [
            "80007ffe004ffec0ca11ab1eae0d2016e9fa51f43e36fa289a4179bba6a5349d6ae6cd6ea2ca447e\
             b1c6c02e1b392dcb",
            "9100fffe009ffec0ca11ab1e01020304bede000110aa00001ea154d0a0a31e0c9e4f40ed014a819f\
             81334feb79cf280596ca62e5562abc20785cda7b",
            "8000ffff009fff60ca11ab1ee999708a13e65c5b0290f5dc76600678b943b9bb434db24b14fba4d7\
             ae496a690980deaf",
            "8000000000000000ca11ab1e1c6fe8ac3e45c4b6cf2330b6e370490f7f15fbbd6fec1c09d2633fa5\
             13ec0e3d859e9b3e",
            "80c80006ca11ab1e989f6fffdb2eeff33a32bc2140e6643672c95ecd48b78209bb3114f671762186\
             af9d38f480000001",
            "80c80006ca11ab1ebc8539392ac6abffdff21c01f897615a0eb99a08fea17facb0e52440ff6db022\
             fc9fd6a180000002",
        ],
    ),
    (
        Profile::AeadAes256Gcm,
        [
            "80007ffe004ffec0ca11ab1ed023c649cd8c579c892d19f677d34749c8f2fbb00fcc37c4a6a5e8f3\
             82a8b2ef705f6607",
            "9100fffe009ffec0ca11ab1e01020304bede000110aa00003a658e47bbc8b41749118fa9c1644240\
             28219dfdd3cc7ea09a366b1f8c4b9d7f5209255b",
            "8000ffff009fff60ca11ab1e4f91fb2ed999db8d7777ab79026f4c21ea555d0d38a3a32f569cc046\
             b4ab59a9fb00be2f",
            "8000000000000000ca11ab1e5623823c269a6fcb5dba0f828751cd4ab1ad4615f976b0291f508765\
             d1b7220bec0a2e2f",
            "80c80006ca11ab1e9539b5f020f3109dbb39d62586599a68e3d681b4dffcd608ff5e9794efbaf1c4\
             cda6196e80000001",
            "80c80006ca11ab1ec6d80230c7522305dda4d79012f3521a5769df9a8ebb08590f4698cfab895665\
             f7b5d24580000002",
        ],
    ),
];
/// A receiver report with the index 9, authenticated but not encrypted, by Python's `hmac` and
/// `cryptography`.
const IN_CLEAR: [(Profile, &str); 2] = [
    (Profile::AesCm128HmacSha1_80, "80c90001ca11ab1e00000009567f5cf40c1572469c52"),
    (Profile::AeadAes128Gcm, "80c90001ca11ab1e029908122d63f0685086288cad328d4100000009"),
];
const SSRC: u32 = 0xca11_ab1e;
const SEQUENCES: [u16; 4] = [0x7ffe, 0xfffe, 0xffff, 0];

fn key_and_salt(profile: Profile) -> Vec<u8> {
    (0..profile.key_len() + profile.salt_len()).map(|n| (n * 7 + 3) as u8).collect()
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn rtp(sequence: u16) -> Vec<u8> {
    let has_extension = sequence == 0xfffe;
    let mut packet = vec![if has_extension { 0x90 } else { 0x80 }, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend((u32::from(sequence) * 160).to_be_bytes());
    packet.extend(SSRC.to_be_bytes());
    if has_extension {
        packet[0] |= 1;
        packet.extend([1, 2, 3, 4, 0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0]);
    }
    packet.extend(0..20);
    packet
}

fn sender_report() -> Vec<u8> {
    let mut packet = vec![0x80, 200, 0, 6];
    packet.extend(SSRC.to_be_bytes());
    (1..=5_u32).for_each(|word| packet.extend(word.to_be_bytes()));
    packet
}

#[test]
fn we_read_what_libsrtp_wrote() {
    for (profile, wire) in PROTECTED {
        let mut incoming = Incoming::new(profile, &key_and_salt(profile)).unwrap();
        for (sequence, protected) in SEQUENCES.into_iter().zip(wire) {
            let mut packet = hex(protected);
            let length = incoming.unprotect_rtp(&mut packet).unwrap();
            assert_eq!(packet[..length], rtp(sequence), "{profile:?} {sequence}");
        }
        for protected in &wire[4..] {
            let mut packet = hex(protected);
            let length = incoming.unprotect_rtcp(&mut packet).unwrap();
            assert_eq!(packet[..length], sender_report(), "{profile:?}");
        }
    }
}

#[test]
fn we_write_what_libsrtp_writes() {
    for (profile, wire) in PROTECTED {
        let mut outgoing = Outgoing::new(profile, &key_and_salt(profile)).unwrap();
        for (sequence, protected) in SEQUENCES.into_iter().zip(wire) {
            let mut buffer = rtp(sequence);
            assert!(outgoing.protect_rtp(&mut buffer, 0));
            assert_eq!(buffer, hex(protected), "{profile:?} {sequence}");
        }
        for protected in &wire[4..] {
            let mut buffer = sender_report();
            assert!(outgoing.protect_rtcp(&mut buffer, 0));
            assert_eq!(buffer, hex(protected), "{profile:?}");
        }
    }
}

#[test]
fn a_report_that_is_authenticated_only_is_taken_once() {
    for (profile, wire) in IN_CLEAR {
        let mut incoming = Incoming::new(profile, &key_and_salt(profile)).unwrap();
        for at in 0..hex(wire).len() {
            let mut forged = hex(wire);
            forged[at] ^= 2;
            let before = forged.clone();
            assert_eq!(incoming.unprotect_rtcp(&mut forged), None, "{profile:?} octet {at}");
            assert_eq!(forged, before, "{profile:?} octet {at}");
        }
        let mut packet = hex(wire);
        assert_eq!(incoming.unprotect_rtcp(&mut packet), Some(8), "{profile:?}");
        assert_eq!(packet, hex(wire));
        assert_eq!(incoming.unprotect_rtcp(&mut packet), None, "{profile:?} again");
    }
}
