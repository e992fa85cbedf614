/** What C2SP's Wycheproof expects of the algorithms that Ropewalk uses: one judge a file of its folder testvectors_v1. */
import { verify } from "node:crypto";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { type AeadAlgorithm, AeadKey } from "@ropewalk/crypto/aead";
import { areEqual } from "@ropewalk/crypto/constant-time";
import { x25519KeyFromSeed, x25519PublicKeyFromRaw } from "@ropewalk/crypto/key-agreement";
import { mlKemKeyFromSeed, mlKemPublicKeyFromRaw } from "@ropewalk/crypto/ml-kem";
import { expand, extract } from "@ropewalk/crypto/pure/hkdf";
import { verifyRaw } from "@ropewalk/crypto/raw-signatures";
import { sha384 } from "@ropewalk/crypto/sha384";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { type VerifyingKey, verifyingKeyFromRaw, verifyingKeyFromSpki } from "@ropewalk/crypto/verifying-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { expandedMlKemKey } from "./expanded-ml-kem-key.ts";
import { type Fields, judged, octets, refused, same, unused, type Verdict } from "./verdict.ts";

/** Of a group and one of its tests together, whose names never clash. */
export type Judge = (test: Fields) => Verdict;

export const wycheproofJudges: Readonly<Record<string, Judge>> = {
  x25519: judgeX25519,
  ed25519: (test) => judgeSignature(test, verifyingKeyFromSpki(octets(test, "publicKeyDer"), ["ed25519"])),
  ecdsa_secp256r1_sha256: (test) => judgeSignature(test, verifyingKeyFromSpki(octets(test, "publicKeyDer"), ["p-256"])),
  ecdsa_secp256r1_sha256_p1363: judgeP1363,
  aes_gcm: (test) => judgeAead(test, "aes-256-gcm"),
  chacha20_poly1305: (test) => judgeAead(test, "chacha20-poly1305"),
  hkdf_sha384: judgeHkdf,
  hmac_sha384: judgeHmac,
  mlkem_768: judgeMlKem,
  mlkem_768_encaps: judgeEncapsulation,
  mlkem_768_keygen_seed: judgeMlKemKey,
  mlkem_768_semi_expanded_decaps: judgeExpandedKey,
  mldsa_65_verify: judgeMlDsa,
  mldsa_65_sign_seed: (test) => judgeSigning(test, () => keyOfSeed(octets(test, "privateSeed"))),
  mldsa_65_sign_noseed: (test) => judgeSigning(test, () => octets(test, "privateKey")),
};

const isValid = (test: Fields) => test["result"] === "valid";

function judgeX25519(test: Fields): Verdict {
  const agree = () =>
    x25519KeyFromSeed(new SecretBytes(octets(test, "private"))).agree(x25519PublicKeyFromRaw(octets(test, "public")));
  // A secret of zeros is "acceptable" there, and refused here.
  if (/^0*$/.test(test["shared"] ?? "")) return refused(agree);
  return same(["shared secret", agree().reveal(), test["shared"]]);
}

function judgeSignature(test: Fields, key: VerifyingKey): Verdict {
  const ours = verifyRaw(key, octets(test, "msg"), octets(test, "sig"));
  return judged(ours === isValid(test), `verified: ${ours}`);
}

function judgeP1363(test: Fields): Verdict {
  const key = verifyingKeyFromSpki(octets(test, "publicKeyDer"), ["p-256"]).publicKeyObject();
  const ours = verify("sha256", octets(test, "msg"), { key, dsaEncoding: "ieee-p1363" }, octets(test, "sig"));
  return judged(ours === isValid(test), `verified: ${ours}`);
}

function judgeAead(test: Fields, algorithm: AeadAlgorithm): Verdict {
  const [key, nonce, aad, message] = ["key", "iv", "aad", "msg"].map((name) => octets(test, name)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  if (key.length !== 32) return unused("a key of another length than 32");
  const own = new AeadKey(algorithm, new SecretBytes(key));
  if (nonce.length !== 12) return refused(() => own.seal(nonce, aad, message));
  const opened = own.open(nonce, aad, { ciphertext: octets(test, "ct"), tag: octets(test, "tag") });
  if (!isValid(test)) return judged(opened === undefined, "it opened");
  const sealed = own.seal(nonce, aad, message);
  return same(
    ["plaintext", opened ?? Uint8Array.of(0), test["msg"]],
    ["ciphertext", sealed.ciphertext, test["ct"]],
    ["tag", sealed.tag, test["tag"]],
  );
}

function judgeHkdf(test: Fields): Verdict {
  const derive = () =>
    expand(
      sha384,
      extract(sha384, octets(test, "salt"), octets(test, "ikm")),
      octets(test, "info"),
      Number(test["size"]),
    );
  return isValid(test) ? same(["output", derive(), test["okm"]]) : refused(derive);
}

function judgeHmac(test: Fields): Verdict {
  if (octets(test, "tag").length !== 48) return unused("a tag that is cut");
  const isSame = areEqual(sha384.hmac(octets(test, "key"), octets(test, "msg")), octets(test, "tag"));
  return judged(isSame === isValid(test), `equal: ${isSame}`);
}

function judgeMlKem(test: Fields): Verdict {
  const seed = octets(test, "seed");
  const open = () => mlKemKeyFromSeed(new SecretBytes(seed)).decapsulate(octets(test, "c")).reveal();
  if (!isValid(test)) return refused(open);
  const { publicKey } = mlKemKeyFromSeed(new SecretBytes(octets(test, "seed")));
  return same(["public key", publicKey.raw(), test["ek"]], ["secret", open(), test["K"]]);
}

function judgeEncapsulation(test: Fields): Verdict {
  const publicKey = octets(test, "ek");
  if (!isValid(test)) return refused(() => mlKemPublicKeyFromRaw(publicKey));
  mlKemPublicKeyFromRaw(publicKey).encapsulate();
  const noble = ml_kem768.encapsulate(publicKey, octets(test, "m"));
  return same(["ciphertext", noble.cipherText, test["c"]], ["secret", noble.sharedSecret, test["K"]]);
}

function judgeMlKemKey(test: Fields): Verdict {
  const seed = octets(test, "seed");
  const noble = ml_kem768.keygen(seed);
  const { publicKey } = mlKemKeyFromSeed(new SecretBytes(seed));
  return same(["public key", publicKey.raw(), test["ek"]], ["private key", noble.secretKey, test["dk"]]);
}

function judgeExpandedKey(test: Fields): Verdict {
  const open = () => expandedMlKemKey(octets(test, "dk")).decapsulate(octets(test, "c")).reveal();
  return isValid(test) ? same(["secret", open(), test["K"]]) : refused(open);
}

function judgeMlDsa(test: Fields): Verdict {
  const read = () => verifyingKeyFromRaw("ml-dsa-65", octets(test, "publicKey"));
  const check = () =>
    verify(
      null,
      octets(test, "msg"),
      { key: read().publicKeyObject(), context: octets(test, "ctx") },
      octets(test, "sig"),
    );
  try {
    const ours = check();
    return judged(ours === isValid(test), `verified: ${ours}`);
  } catch (error) {
    return judged(!isValid(test), String(error));
  }
}

/** Noble signs, for Node takes no randomness from outside. */
function judgeSigning(test: Fields, secretKey: () => Uint8Array): Verdict {
  const extraEntropy: Uint8Array | false = test["rnd"] === undefined ? false : octets(test, "rnd");
  const sign = () => {
    if (test["msg"] !== undefined)
      return ml_dsa65.sign(octets(test, "msg"), secretKey(), { context: octets(test, "ctx"), extraEntropy });
    return ml_dsa65.internal.sign(octets(test, "mu"), secretKey(), { externalMu: true, extraEntropy });
  };
  return isValid(test) ? same(["signature", sign(), test["sig"]]) : refused(sign);
}

/** Node and noble must make the same key of it. */
function keyOfSeed(seed: Uint8Array): Uint8Array {
  const { publicKey, secretKey } = ml_dsa65.keygen(seed);
  const node = signingKeyFromSeed("ml-dsa-65", new SecretBytes(Uint8Array.from(seed)));
  if (node.verifyingKey.raw().toHex() !== publicKey.toHex())
    throw new Error("Node and noble make different keys of a seed");
  return secretKey;
}
