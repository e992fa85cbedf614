/** Status records for tests, and who seals and opens them: always the same. */
import { seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import type { AgreementKey, FreshKey, MessageCrypto } from "@ropewalk/mesh/pure/messages/sealing/message-crypto";
import type { StatusRecord } from "@ropewalk/mesh/pure/status/status-record";
import type { OpeningCrypto, SealingCrypto } from "@ropewalk/mesh/pure/status/status-sealing";
import { signStatusBy, verifyStatus } from "@ropewalk/mesh/status-crypto";
import fc from "fast-check";
import { signingKey } from "../wire/announces.ts";

export const crypto: MessageCrypto & SealingCrypto & OpeningCrypto = {
  ...createMessageCrypto(signingKey(1)),
  ...{ signStatus: signStatusBy(signingKey(1)), verifyStatus },
};

export function keyFrom(first: number): FreshKey {
  const key = crypto.restore(Uint8Array.from({ length: 32 }, (_, place) => first + place));
  if (key === undefined) throw new Error("any 32 octets are a key");
  return key;
}

export const entry: AgreementKey = keyFrom(0x20);

export const oneStatus: StatusRecord = {
  ...{ key: crypto.publicKey, epoch: 7, sequence: 1_000, made: 1_795_000_000, runningFor: seconds(86_400) },
  ...{ kind: "open", online: "offline", neighbours: 3, known: 40, reachable: 38, inbox: 2, outbox: 5, custody: 17 },
  version: "0.1.0",
};

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const anyStatus: fc.Arbitrary<StatusRecord> = fc.record(
  {
    key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    ...{ epoch: u32, sequence: u32, made: u32.map((value) => 1_577_836_800 + value), runningFor: u32.map(seconds) },
    kind: fc.constantFrom("standard", "open", "universal"),
    online: fc.constantFrom("unknown", "offline", "online"),
    ...{ neighbours: fc.nat(0xffff), known: u32, reachable: u32, inbox: u32, outbox: u32, custody: u32 },
    version: fc.stringMatching(/^[\x21-\x7e]{0,16}$/),
  },
  { noNullPrototype: true },
);
