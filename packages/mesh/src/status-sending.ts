/** How this node is, told to an entry by a message that the entry's own node can be handed and cannot read. */
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import type { Millis } from "@ropewalk/kernel/units";
import type { Messages, SendOutcome } from "./messages.ts";
import type { MeshAddress } from "./pure/mesh-address.ts";
import type { Priority } from "./pure/messages/wire/envelope.ts";
import { sealStatus, statusPort } from "./pure/status/status-sealing.ts";
import type { NodeKind, OnlineState } from "./pure/wire/link-frame.ts";
import type { MeshStatus } from "./status.ts";
import { signStatusBy } from "./status-crypto.ts";

export interface StatusOrder {
  /** From whom the entry gets it. */
  readonly to: MeshAddress;
  /** The entry's public X25519 key: 32 octets. */
  readonly entry: Uint8Array;
  /** Of the program that sends it. */
  readonly version: string;
  readonly priority: Priority;
  /** As long as it is worth anything. */
  readonly life: Millis;
}

/** `entry-key`: nothing can be sealed to it; `no-messages`: this node carries none. */
export type StatusOutcome =
  | SendOutcome
  | { readonly kind: "refused"; readonly why: { readonly kind: "entry-key" | "no-messages" } };

export interface StatusSender {
  readonly key: SigningKey<"ed25519">;
  readonly messages: Messages | undefined;
  readonly now: Millis;
  readonly status: MeshStatus;
  readonly kind: NodeKind;
  readonly online: OnlineState;
}

/** Settles as `Messages.send`. Never rejects. */
export async function sendStatus(
  { key, messages, now, status, kind, online }: StatusSender,
  { to, entry, version, priority, life }: StatusOrder,
): Promise<StatusOutcome> {
  if (messages === undefined) return { kind: "refused", why: { kind: "no-messages" } };
  const [number, counts] = [messages.takeNumber(), messages.status()];
  if (number === undefined || counts === undefined) return { kind: "refused", why: { kind: "closed" } };
  const { inbox, outbox, custody } = counts;
  const { crypto, wall } = messages.making;
  const content = sealStatus({ ...crypto, signStatus: signStatusBy(key) }, entry, {
    ...{ key: crypto.publicKey, ...number, made: wall(now), runningFor: status.runningFor, kind, online },
    ...{ neighbours: status.peers.length, known: status.routes.known, reachable: status.routes.reachable },
    ...{ inbox: inbox.messages, outbox: outbox.messages, custody: custody.envelopes, version },
  });
  if (content === undefined) return { kind: "refused", why: { kind: "entry-key" } };
  return await messages.send({ to, port: statusPort, priority, life, content });
}
