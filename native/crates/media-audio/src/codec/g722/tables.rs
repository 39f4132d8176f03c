//! The tables of ITU-T G.722.

/// Taps of the quadrature mirror filter: for the older and the newer sample of each pair, pairs
/// from the oldest (table 11, `h0` to `h23`).
pub const MIRROR: [[i16; 2]; 12] = [
    [3, -11],
    [-11, 53],
    [12, -156],
    [32, 362],
    [-210, -805],
    [951, 3876],
    [3876, 951],
    [-805, -210],
    [362, 32],
    [-156, 12],
    [53, -11],
    [-11, 3],
];

/// Decision levels of the lower band's 60-level quantizer (`q6`).
pub const DECISIONS_LOW: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];

/// The lower band's code of each interval of a negative difference (`iln`).
pub const CODE_LOW_NEGATIVE: [u8; 30] = [
    63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10,
    9, 8, 7, 6, 5, 4,
];

/// The lower band's code of each interval of a positive difference (`ilp`).
pub const CODE_LOW_POSITIVE: [u8; 30] = [
    61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38,
    37, 36, 35, 34, 33, 32,
];

/// Outputs of the lower band's inverse quantizer of 4 bits, by code (`qm4`).
pub const INVERSE_4: [i32; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0,
];

/// Outputs of the lower band's inverse quantizer of 6 bits, by code (`qm6`).
pub const INVERSE_6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
    -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
    11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776,
    2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];

/// Outputs of the higher band's inverse quantizer, by code (`qm2`).
pub const INVERSE_2: [i32; 4] = [-7408, -1616, 7408, 1616];

/// How the logarithm of the lower band's step changes, by code of 4 bits (`wl` by `rl42`).
pub const STEP_LOW: [i32; 16] =
    [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];

/// How the logarithm of the higher band's step changes, by code (`wh` by `rh2`).
pub const STEP_HIGH: [i32; 4] = [798, -214, 798, -214];

/// Powers of two in 32 steps of an octave, times 2048 (`ilb`).
pub const ANTILOGARITHM: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
