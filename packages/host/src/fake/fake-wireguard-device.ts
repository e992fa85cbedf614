/** A WireGuard device in memory: keeps and moves what it is given as the real ones do, and carries no packet. */
import { formatPrefix, networkOf, type Prefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { bytes } from "@ropewalk/kernel/units";
import type {
  PeerChange,
  PeerValues,
  PresentPeer,
  WireGuardDevice,
  WireGuardSettings,
  WireGuardState,
} from "../wireguard/device.ts";
import { WireGuardError } from "../wireguard/errors.ts";
import type { WireGuardPublicKey } from "../wireguard/public-key.ts";
import { checkPresharedKeys, secretKeyOctets } from "../wireguard/pure/key-octets.ts";

export class FakeWireGuardDevice implements WireGuardDevice {
  readonly name: string;
  readonly #publicKeyOf: (privateKey: SecretBytes) => WireGuardPublicKey;
  readonly #peers = new Map<WireGuardPublicKey, PresentPeer>();
  readonly #owners = new Map<string, WireGuardPublicKey>();
  #publicKey: WireGuardPublicKey | undefined;
  #listenPort: number | undefined;
  #fwmark = 0;
  #isThere = true;
  /** All that was ever written of peers, in its order. */
  readonly written: PeerChange[] = [];

  /** `publicKeyOf` is X25519's, or whatever suits the test. */
  constructor(name: string, publicKeyOf: (privateKey: SecretBytes) => WireGuardPublicKey) {
    this.name = name;
    this.#publicKeyOf = publicKeyOf;
  }

  async read(): Promise<WireGuardState> {
    this.#requireThere();
    const own = { publicKey: this.#publicKey, listenPort: this.#listenPort, fwmark: this.#fwmark };
    return { ...own, peers: new Map(this.#peers) };
  }

  async configure({ privateKey, listenPort, fwmark }: WireGuardSettings): Promise<void> {
    if (privateKey !== undefined) secretKeyOctets(privateKey, "a private key");
    this.#requireThere();
    if (privateKey !== undefined) this.#publicKey = this.#publicKeyOf(privateKey);
    if (this.#publicKey !== undefined) this.#remove(this.#publicKey);
    if (listenPort !== undefined) this.#listenPort = listenPort;
    if (fwmark !== undefined) this.#fwmark = fwmark;
  }

  async change(changes: readonly PeerChange[]): Promise<void> {
    checkPresharedKeys(changes);
    this.#requireThere();
    for (const change of changes) this.#perform(change);
  }

  /** A packet of the peer came from there: it has roamed, and has had a handshake. */
  hear(publicKey: WireGuardPublicKey, endpoint: PresentPeer["endpoint"], lastHandshake: number): void {
    this.#set(publicKey, { endpoint, lastHandshake });
  }

  /** The device ends, with all that it has. */
  end(): void {
    this.#isThere = false;
  }

  #requireThere(): void {
    if (this.#isThere) return;
    throw new WireGuardError("HOST_WIREGUARD_NO_DEVICE", `there is no WireGuard device ${this.name}: start it`);
  }

  #perform(change: PeerChange): void {
    this.written.push(change);
    switch (change.kind) {
      case "remove":
        this.#remove(change.publicKey);
        break;
      case "update":
        this.#give(change.publicKey, change.values);
        break;
      case "add": {
        const { publicKey, presharedKey, allowedPrefixes, keepalive, endpoint } = change.peer;
        if (publicKey === this.#publicKey) break;
        this.#peers.set(publicKey, this.#peers.get(publicKey) ?? newPeer(publicKey));
        this.#give(publicKey, {
          ...{ presharedKey: presharedKey ?? null, keepalive: keepalive ?? null },
          ...(endpoint === undefined ? {} : { endpoint }),
          prefixes: { kind: "replace", prefixes: allowedPrefixes },
        });
        break;
      }
    }
  }

  #give(publicKey: WireGuardPublicKey, { presharedKey, keepalive, endpoint, prefixes }: PeerValues): void {
    if (!this.#peers.has(publicKey)) return;
    if (presharedKey !== undefined) this.#set(publicKey, { presharedKey: copied(presharedKey) });
    if (keepalive !== undefined) this.#set(publicKey, { keepalive: keepalive ?? undefined });
    if (endpoint !== undefined) this.#set(publicKey, { endpoint });
    if (prefixes?.kind === "replace") this.#take(publicKey);
    for (const prefix of prefixes?.prefixes ?? []) this.#move(networkOf(prefix), publicKey);
  }

  #take(publicKey: WireGuardPublicKey): void {
    for (const prefix of this.#peers.get(publicKey)?.allowedPrefixes ?? []) this.#owners.delete(formatPrefix(prefix));
    this.#set(publicKey, { allowedPrefixes: [] });
  }

  /** From whichever peer has the prefix. */
  #move(prefix: Prefix, to: WireGuardPublicKey): void {
    const text = formatPrefix(prefix);
    const owner = this.#owners.get(text);
    if (owner === to) return;
    const left = owner === undefined ? undefined : this.#peers.get(owner);
    if (left !== undefined)
      this.#set(left.publicKey, {
        allowedPrefixes: left.allowedPrefixes.filter((other) => formatPrefix(other) !== text),
      });
    this.#owners.set(text, to);
    this.#set(to, { allowedPrefixes: [...(this.#peers.get(to)?.allowedPrefixes ?? []), prefix] });
  }

  #remove(publicKey: WireGuardPublicKey): void {
    this.#take(publicKey);
    this.#peers.delete(publicKey);
  }

  #set(publicKey: WireGuardPublicKey, values: Partial<PresentPeer>): void {
    const peer = this.#peers.get(publicKey);
    if (peer !== undefined) this.#peers.set(publicKey, { ...peer, ...values });
  }
}

function newPeer(publicKey: WireGuardPublicKey): PresentPeer {
  return {
    ...{ publicKey, presharedKey: undefined, allowedPrefixes: [], keepalive: undefined, endpoint: undefined },
    ...{ lastHandshake: undefined, received: bytes(0), sent: bytes(0) },
  };
}

/** As a device has it: not the caller's, who may erase his. */
function copied(key: SecretBytes | null): SecretBytes | undefined {
  return key === null ? undefined : new SecretBytes(key.reveal().slice());
}
