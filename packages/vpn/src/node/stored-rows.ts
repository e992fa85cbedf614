/** Rows of a node's store as what they are; what no node has written is damage. */

import { parseWireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import { parseIpAddress } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { StoreRow } from "@ropewalk/ops/store";
import { DamagedContent } from "@ropewalk/ops/store-errors";
import type { Held, Rest } from "./pure/held.ts";
import type { Generation, PlacementId } from "./pure/order.ts";

const presharedKeyLength = 32;

/** Throws DamagedContent. */
export function heldIn(row: StoreRow): Held {
  const placement = textIn(row, "placement") as PlacementId;
  const generation = generationIn(row, "generation");
  const publicKey = parseWireGuardPublicKey(textIn(row, "public_key")) ?? damaged("public_key");
  const over = momentIn(row, "over_at");
  if (row["addresses"] === null) return { kind: "gone", placement, generation, publicKey, forgetAt: over };
  const addresses = textIn(row, "addresses")
    .split(" ")
    .map((text) => parseIpAddress(text) ?? damaged("addresses"));
  const presharedKey = row["preshared_key"];
  const peer = { publicKey, addresses };
  if (presharedKey === null) return { kind: "present", placement, generation, peer, endsAt: over };
  if (!(presharedKey instanceof Uint8Array) || presharedKey.length !== presharedKeyLength) damaged("preshared_key");
  const secret = new SecretBytes(presharedKey);
  return { kind: "present", placement, generation, peer: { ...peer, presharedKey: secret }, endsAt: over };
}

/** Throws DamagedContent. */
export function restIn(row: StoreRow): Rest {
  const address = parseIpAddress(textIn(row, "address")) ?? damaged("address");
  const formerly = row["placement"] === null ? undefined : (textIn(row, "placement") as PlacementId);
  return { address, formerly, until: momentIn(row, "until") };
}

/** Throws DamagedContent. */
export function textIn(row: StoreRow, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : damaged(column);
}

/** Throws DamagedContent. */
export function generationIn(row: StoreRow, column: string): Generation {
  const value = row[column];
  return Number.isSafeInteger(value) && Number(value) >= 0 ? (value as Generation) : damaged(column);
}

function momentIn(row: StoreRow, column: string): Millis {
  const value = row[column];
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? millis(value) : damaged(column);
}

function damaged(column: string): never {
  throw new DamagedContent(`a row has no ${column} that a node would write`);
}
