/**
 * Calls that are written in portions, with other calls in between: a peer that a later call removes must not come back with a portion
 * that was meant before.
 */
import type { PeerChange } from "../device.ts";
import type { WireGuardPublicKey } from "../public-key.ts";

/** One call; disposing it ends it. */
export interface LongCall extends Disposable {
  /** Without the changes of peers that a later call has added or removed. */
  stillMeant(portion: readonly PeerChange[]): readonly PeerChange[];
}

export class LongCalls {
  readonly #overtaken = new Set<Set<WireGuardPublicKey>>();

  begin(changes: readonly PeerChange[]): LongCall {
    const keys = changes.filter(({ kind }) => kind !== "update").map(publicKeyOf);
    for (const earlier of this.#overtaken) for (const key of keys) earlier.add(key);
    const overtaken = new Set<WireGuardPublicKey>();
    this.#overtaken.add(overtaken);
    return {
      stillMeant: (portion) => portion.filter((change) => !overtaken.has(publicKeyOf(change))),
      [Symbol.dispose]: () => void this.#overtaken.delete(overtaken),
    };
  }
}

function publicKeyOf(change: PeerChange): WireGuardPublicKey {
  return change.kind === "add" ? change.peer.publicKey : change.publicKey;
}
