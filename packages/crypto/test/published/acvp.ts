/** What NIST's ACVP server expects of ML-KEM-768 and ML-DSA-65: one judge a folder of its gen-val/json-files. */
import { verify } from "node:crypto";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { mlKemKeyFromSeed, mlKemPublicKeyFromRaw } from "@ropewalk/crypto/ml-kem";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { verifyingKeyFromRaw } from "@ropewalk/crypto/verifying-key";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { expandedMlKemKey } from "./expanded-ml-kem-key.ts";
import { both, type Fields, held, judged, octets, refused, same, unused, type Verdict } from "./verdict.ts";
import type { Judge } from "./wycheproof.ts";

export const acvpJudges: Readonly<Record<string, Judge>> = {
  "ML-KEM-keyGen-FIPS203": ofMlKem(judgeMlKemKey),
  "ML-KEM-encapDecap-FIPS203": ofMlKem(judgeEncapDecap),
  "ML-DSA-keyGen-FIPS204": ofMlDsa(judgeMlDsaKey),
  "ML-DSA-sigVer-FIPS204": ofMlDsa(judgeVerification),
  "ML-DSA-sigGen-FIPS204": ofMlDsa(judgeSigning),
};

const isPassed = (test: Fields) => test["testPassed"] === "true";

function ofMlKem(judge: Judge): Judge {
  return (test) => (test["parameterSet"] === "ML-KEM-768" ? judge(test) : unused("another size of ML-KEM"));
}

function ofMlDsa(judge: Judge): Judge {
  return (test) => (test["parameterSet"] === "ML-DSA-65" ? judge(test) : unused("another size of ML-DSA"));
}

function mlKemSeed(test: Fields): Uint8Array {
  return joined(octets(test, "d"), octets(test, "z"));
}

function judgeMlKemKey(test: Fields): Verdict {
  const noble = ml_kem768.keygen(mlKemSeed(test));
  const { publicKey } = mlKemKeyFromSeed(new SecretBytes(mlKemSeed(test)));
  return same(["public key", publicKey.raw(), test["ek"]], ["private key", noble.secretKey, test["dk"]]);
}

function judgeEncapDecap(test: Fields): Verdict {
  switch (test["function"]) {
    case "encapsulation": {
      const noble = ml_kem768.encapsulate(octets(test, "ek"), octets(test, "m"));
      return same(["ciphertext", noble.cipherText, test["c"]], ["secret", noble.sharedSecret, test["k"]]);
    }
    case "decapsulation": {
      const key =
        test["d"] === undefined
          ? expandedMlKemKey(octets(test, "dk"))
          : mlKemKeyFromSeed(new SecretBytes(mlKemSeed(test)));
      const node = same(["secret", key.decapsulate(octets(test, "c")).reveal(), test["k"]]);
      if (test["dk"] === undefined) return node;
      return both(
        node,
        same(["noble's secret", ml_kem768.decapsulate(octets(test, "c"), octets(test, "dk")), test["k"]]),
      );
    }
    case "encapsulationKeyCheck":
      return check(isPassed(test), () => mlKemPublicKeyFromRaw(octets(test, "ek")));
    case "decapsulationKeyCheck":
      if (test["dk"] === undefined) return unused("a key check that came without its key");
      return check(isPassed(test), () => expandedMlKemKey(octets(test, "dk")));
    default:
      return unused(`the function ${test["function"]}`);
  }
}

function judgeMlDsaKey(test: Fields): Verdict {
  const { publicKey, secretKey } = ml_dsa65.keygen(octets(test, "seed"));
  const node = signingKeyFromSeed("ml-dsa-65", new SecretBytes(octets(test, "seed")));
  return same(
    ["public key", node.verifyingKey.raw(), test["pk"]],
    ["noble's public key", publicKey, test["pk"]],
    ["private key", secretKey, test["sk"]],
  );
}

/** By Node where it can, and by noble, which alone knows the internal interface of FIPS 204 §6. */
function judgeVerification(test: Fields): Verdict {
  if (test["preHash"] === "preHash") return unused("HashML-DSA");
  const [publicKey, signature, message] = [octets(test, "pk"), octets(test, "signature"), octets(test, "message")];
  if (test["signatureInterface"] === "internal") {
    const externalMu = test["externalMu"] === "true";
    return agree(test, "noble", () =>
      ml_dsa65.internal.verify(signature, externalMu ? octets(test, "mu") : message, publicKey, { externalMu }),
    );
  }
  const context = octets(test, "context");
  const key = verifyingKeyFromRaw("ml-dsa-65", publicKey).publicKeyObject();
  return both(
    agree(test, "Node", () => verify(null, message, { key, context }, signature)),
    agree(test, "noble", () => ml_dsa65.verify(signature, message, publicKey, { context })),
  );
}

/** By noble, for Node takes no randomness from outside. Older files have neither context nor interface: the internal one. */
function judgeSigning(test: Fields): Verdict {
  if (test["preHash"] === "preHash") return unused("HashML-DSA");
  const extraEntropy: Uint8Array | false = test["rnd"] === undefined ? false : octets(test, "rnd");
  const secretKey = octets(test, "sk");
  if (test["signatureInterface"] === "external") {
    const options = { context: octets(test, "context"), extraEntropy };
    return same(["signature", ml_dsa65.sign(octets(test, "message"), secretKey, options), test["signature"]]);
  }
  const externalMu = test["externalMu"] === "true";
  const message = octets(test, externalMu ? "mu" : "message");
  return same([
    "signature",
    ml_dsa65.internal.sign(message, secretKey, { externalMu, extraEntropy }),
    test["signature"],
  ]);
}

function agree(test: Fields, who: string, verified: () => boolean): Verdict {
  let ours = false;
  try {
    ours = verified();
  } catch {
    // Noble throws where a length is wrong.
  }
  return judged(ours === isPassed(test), `${who} verified: ${ours}`);
}

function check(isGood: boolean, read: () => unknown): Verdict {
  if (!isGood) return refused(read);
  read();
  return held;
}
