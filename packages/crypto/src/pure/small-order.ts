/**
 * Points of Curve25519 whose order divides eight, told by their encodings: as an Ed25519 key one signature suits many messages, as
 * an X25519 key the shared secret is zero. The encodings are public, so the comparison need not take constant time.
 */

/**
 * y of the eight points with bit 255 (the sign of x) cleared, and y + p where that still fits in 255 bits. Source: RFC 8032 §5.1.3
 * for the encoding; test/pure/small-order.test.ts works them out.
 */
const edwards: readonly string[] = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/** u of the points of the curve and of its twist, bit 255 (which X25519 ignores) cleared. Source: RFC 7748 §5 and §6.1. */
const montgomery: readonly string[] = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/** Whether an Ed25519 public key of 32 octets is a point of small order, in whichever encoding. */
export function isSmallOrderEdwards(key: Uint8Array): boolean {
  return edwards.includes(withoutTopBit(key).toHex());
}

/** Whether an X25519 public key of 32 octets is a point of small order, in whichever encoding. */
export function isSmallOrderMontgomery(key: Uint8Array): boolean {
  return montgomery.includes(withoutTopBit(key).toHex());
}

/** Whether y is below p = 2^255 - 19, as RFC 8032 §5.1.3 demands; OpenSSL takes others too. */
export function isCanonicalEdwards(key: Uint8Array): boolean {
  const y = withoutTopBit(key);
  return y.subarray(1, 31).some((octet) => octet !== 0xff) || y[31] !== 0x7f || (y[0] as number) < 0xed;
}

function withoutTopBit(key: Uint8Array): Uint8Array {
  const masked = Uint8Array.from(key);
  masked[31] = (masked[31] as number) & 0x7f;
  return masked;
}
