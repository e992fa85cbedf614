/** What an announce has in octets, as it is made for a link, beside others' as they are written of. */
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { seconds } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { capability, mostHops } from "@ropewalk/mesh/pure/wire/announce";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import { type Part, publishedColumns } from "./part.ts";

const plain: Figure = {
  ...{ metric: "an announce", unit: "octets", better: "less" },
  goals: [{ kind: "figure", limit: 132 }],
};
const withPrekey: Figure = {
  ...{ metric: "an announce with a prekey", unit: "octets", better: "less" },
  goals: [{ kind: "figure", limit: 164 }],
};
const framed: Figure = { metric: "an announce in its frame on a link", unit: "octets", better: "less", goals: [] };
/** Without data of applications: Reticulum's with its header, 32 more with a ratchet; MeshCore's smallest, on its first hop. */
const published = { reticulum: 167, reticulumRatchet: 199, meshCore: 102 };

export const announceOctets: Part = async ({ table }) => {
  const crypto = createMeshCrypto(generateSigningKey("ed25519"));
  const content = { epoch: 1, sequence: 1, capabilities: capability.relay, maxHops: mostHops, lifetime: seconds(1800) };
  const made = (prekey: Uint8Array | undefined) =>
    makeAnnounce(crypto, { ...content, isRenewal: false, keyPackageHash: undefined, prekey }).octets;
  const [bare, prekeyed] = [made(undefined), made(crypto.random(32))];
  table.record(plain, ownColumn, 0, bare.length);
  table.record(plain, publishedColumns.reticulum, 0, published.reticulum);
  table.record(plain, publishedColumns.meshCore, 0, published.meshCore);
  table.record(withPrekey, ownColumn, 0, prekeyed.length);
  table.record(withPrekey, publishedColumns.reticulum, 0, published.reticulumRatchet);
  table.record(framed, ownColumn, 0, encodeFrame({ type: "announce", label: 1, announce: bare }).length);
  table.note(
    "Octets of Reticulum's announce are those of its manual, with its header of 19, 35 once it is relayed, and 32 more with a ratchet; MeshCore's are from its packet format, with an empty path and no application data. Neither binds its hops: ours has 12 octets for that, and 8 for a KeyPackage.",
  );
};
