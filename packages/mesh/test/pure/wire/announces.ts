/** Announces of every kind, as fast-check makes them, and identities that are always the same. */

import { type SigningKey, signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { seconds } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import {
  type Announce,
  type AnnounceContent,
  decodeAnnounce,
  type HeardAnnounce,
  mostHops,
} from "@ropewalk/mesh/pure/wire/announce";
import fc from "fast-check";

export function signingKey(number: number): SigningKey<"ed25519"> {
  return signingKeyFromSeed("ed25519", new SecretBytes(new Uint8Array(32).fill(number)));
}

export function identity(number: number): MeshCrypto {
  return createMeshCrypto(signingKey(number));
}

export const plainContent: AnnounceContent = {
  capabilities: 1,
  epoch: 1,
  sequence: 1,
  maxHops: mostHops,
  lifetime: seconds(1800),
  isRenewal: false,
  keyPackageHash: undefined,
  prekey: undefined,
};

const octetsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
/** Of which zeros stand for none. */
const hash = octetsOf(8).filter((octets) => octets.some((octet) => octet !== 0));

export const anyContent: fc.Arbitrary<AnnounceContent> = fc.record(
  {
    capabilities: fc.nat(0xffff),
    epoch: u32,
    sequence: u32,
    maxHops: fc.integer({ min: 1, max: mostHops }),
    lifetime: fc.integer({ min: 1, max: 0xffff }).map(seconds),
    isRenewal: fc.boolean(),
    keyPackageHash: fc.option(hash, { nil: undefined }),
    prekey: fc.option(octetsOf(32), { nil: undefined }),
  },
  { noNullPrototype: true },
);

/** Well-formed, but signed by nobody. */
export const anyAnnounce: fc.Arbitrary<Announce> = anyContent.chain((content) =>
  fc
    .record(
      {
        key: octetsOf(32),
        signature: octetsOf(64),
        hops: fc.nat(content.maxHops - 1),
        chain: octetsOf(12),
      },
      { noNullPrototype: true },
    )
    .map((rest) => ({ ...content, ...rest })),
);

/** What it says, as a plain object. */
export function fieldsOf(heard: HeardAnnounce): Announce {
  const { isRenewal, capabilities, epoch, sequence, maxHops, lifetime, keyPackageHash, key, prekey } = heard;
  const { signature, hops, chain } = heard;
  const content = { isRenewal, capabilities, epoch, sequence, maxHops, lifetime, keyPackageHash, prekey };
  return { ...content, key, signature, hops, chain };
}

/** Throws where the octets are no announce. */
export function read(octets: Uint8Array): HeardAnnounce {
  const heard = decodeAnnounce(octets);
  if (typeof heard === "string") throw new Error(`no announce: ${heard}`);
  return heard;
}
