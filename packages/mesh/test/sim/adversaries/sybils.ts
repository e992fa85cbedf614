/** One neighbour who is ten thousand: announces of made-up nodes behind it, each with a key of its own and signed as it should be, or not at all. */

import { signatureDomain } from "@ropewalk/crypto/signature-domains";
import { sign } from "@ropewalk/crypto/signatures";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { addressOfKey, type MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { announceLengths, encodeAnnounce, encodeSignedPart } from "@ropewalk/mesh/pure/wire/announce";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import type { Random } from "@ropewalk/simnet/random";
import type { VirtualTime } from "@ropewalk/simnet/virtual-time";
import type { Port } from "../station.ts";

export interface Sybil {
  readonly address: MeshAddress;
  readonly frame: Uint8Array;
}

const domain = signatureDomain("ropewalk mesh announce v1");
const maxHops = 64;

/** `isSigned` false: the signatures are of nobody, which shows only when they are verified. */
export function sybils(count: number, random: Random, isSigned = true): readonly Sybil[] {
  return Array.from({ length: count }, (_, index) => sybil(index, random, isSigned));
}

/** Says them over the link, so many a second, from the first to the last and again until `until`. */
export function flood(
  time: VirtualTime,
  port: Port,
  frames: readonly Uint8Array[],
  aSecond: number,
  until: Millis,
): void {
  const every = 10;
  let said = 0;
  let owed = 0;
  const say = (): void => {
    owed += (aSecond * every) / 1000;
    for (; owed >= 1; owed -= 1, said += 1) {
      const frame = frames[said % frames.length];
      if (frame !== undefined) port.out.send(frame);
    }
    if (time.now < until) time.after(millis(every), say);
  };
  say();
}

function sybil(index: number, random: Random, isSigned: boolean): Sybil {
  const octets = (length: number) => Uint8Array.from({ length }, () => random.below(256));
  const signing = isSigned ? signingKeyFromSeed("ed25519", new SecretBytes(octets(32))) : undefined;
  const key = signing?.verifyingKey.raw() ?? octets(32);
  const content = {
    ...{ capabilities: 1, epoch: 1, sequence: 0, maxHops, lifetime: seconds(1800) },
    ...{ isRenewal: false, keyPackageHash: undefined, prekey: undefined },
  };
  const salt = { key, epoch: content.epoch, sequence: content.sequence };
  const chainSeed = octets(announceLengths.chain);
  const message = Buffer.concat([encodeSignedPart(content, key), furtherLink(salt, chainSeed, maxHops)]);
  const signature = signing === undefined ? octets(announceLengths.signature) : sign(signing, domain, message);
  // Not 0 hops: that is for the neighbour's own key alone.
  const announce = encodeAnnounce({ ...content, key, signature, hops: 1, chain: furtherLink(salt, chainSeed, 1) });
  return { address: addressOfKey(key), frame: encodeFrame({ type: "announce", label: 0x100 * (index + 1), announce }) };
}
