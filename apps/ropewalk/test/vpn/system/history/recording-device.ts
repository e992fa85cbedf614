/** A WireGuard device in memory that says of whoever it carries from when to when, does not always do as it is told, and outlives its program. */
import { FakeWireGuardDevice } from "@ropewalk/host/fake/fake-wireguard-device";
import type { PeerChange, WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { WireGuardError } from "@ropewalk/host/wireguard/errors";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { DeviceWrite } from "../../history/history.ts";

export interface RecordingDeviceDeps {
  readonly node: string;
  readonly wall: () => number;
  readonly onWrite: (write: DeviceWrite) => void;
}

export class RecordingDevice implements WireGuardDevice {
  readonly name = "wg0";
  /** before: it is not done. behind: it is done, and not answered. */
  fault: "none" | "before" | "behind" = "none";
  readonly #inner: FakeWireGuardDevice;
  readonly #deps: RecordingDeviceDeps;

  constructor(key: WireGuardPublicKey, deps: RecordingDeviceDeps) {
    this.#inner = new FakeWireGuardDevice(this.name, () => key);
    this.#deps = deps;
  }

  async begin(): Promise<void> {
    await this.#inner.configure({ privateKey: new SecretBytes(new Uint8Array(32).fill(1)) });
  }

  /** For a program that is dead from `gone` on: what it still does comes to nothing. */
  of(gone: AbortSignal): WireGuardDevice {
    const alive = () => {
      if (gone.aborted) throw new WireGuardError("HOST_WIREGUARD_TIMEOUT", "the program is dead");
    };
    return {
      name: this.name,
      read: async () => {
        alive();
        return this.read();
      },
      configure: (settings) => this.configure(settings),
      change: async (changes) => {
        alive();
        await this.change(changes);
      },
    };
  }

  async read() {
    this.#fail("before");
    return this.#inner.read();
  }

  configure(settings: Parameters<WireGuardDevice["configure"]>[0]): Promise<void> {
    return this.#inner.configure(settings);
  }

  async change(changes: readonly PeerChange[]): Promise<void> {
    this.#fail("before");
    const { peers } = await this.#inner.read();
    for (const change of changes) this.#record(change, peers.has(keyOf(change)));
    await this.#inner.change(changes);
    // It keeps what it was told for others, who look: here it would be all of a long run.
    this.#inner.written.length = 0;
    this.#fail("behind");
  }

  /** Its machine starts again. */
  async empty(): Promise<void> {
    const { peers } = await this.#inner.read();
    await this.#inner.change([...peers.keys()].map((publicKey) => ({ kind: "remove", publicKey })));
    this.#inner.written.length = 0;
    const { node, wall, onWrite } = this.#deps;
    onWrite({ kind: "emptied", node, at: wall() });
  }

  /** Whose prefixes are changed and who is not there stays away. */
  #record(change: PeerChange, isThere: boolean): void {
    const { node, wall, onWrite } = this.#deps;
    const common = { node, at: wall(), key: keyOf(change) };
    if (change.kind === "remove") onWrite({ ...common, kind: "removed" });
    else {
      const prefixes = change.kind === "add" ? change.peer.allowedPrefixes : change.values.prefixes?.prefixes;
      if (prefixes === undefined || (change.kind === "update" && !isThere)) return;
      onWrite({ ...common, kind: "set", addresses: prefixes.map(({ address }) => address) });
    }
  }

  #fail(when: "before" | "behind"): void {
    if (this.fault === when) throw new WireGuardError("HOST_WIREGUARD_TIMEOUT", "it does not answer");
  }
}

function keyOf(change: PeerChange): WireGuardPublicKey {
  return change.kind === "add" ? change.peer.publicKey : change.publicKey;
}
