/**
 * The paths of this machine's node, for an end of the tunnel that runs beside it: followed over the node's Unix socket for as long as
 * the end runs, through restarts of the node. While there is nobody to follow, the system's own routes decide.
 */
import { applyEvent } from "@ropewalk/api/apply-event";
import { createNodeClient } from "@ropewalk/api/client";
import type { NodeEvent } from "@ropewalk/api/events";
import type { NodeStatus } from "@ropewalk/api/http";
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { Latest, type Watched } from "@ropewalk/kernel/latest";
import { seconds } from "@ropewalk/kernel/units";
import { errorCode, isAbsent } from "../../local-api/connect.ts";
import { createUnixFetch, unixBaseUrl } from "../../local-api/unix-transport.ts";
import { type Guidance, nothingHeard, type Reading, readPaths, unmanaged } from "./node-paths.ts";

export interface NodeConnectivityDeps {
  readonly clock: Clock;
  /** Where a node may answer, the likeliest first. */
  readonly sockets: readonly string[];
  /** Interfaces and addresses of this machine at the moment, as `ownAddress` writes them. */
  readonly addresses: () => ReadonlySet<string>;
  /** Whenever it is another reading, or another reason for it. */
  readonly tell: (reading: Reading) => void;
}

const lookAgain = seconds(1);
/** A node that takes longer for its first word is as good as none, until it says it. */
const firstWordWithin = seconds(2);

export class NodeConnectivity implements Disposable {
  readonly #deps: NodeConnectivityDeps;
  readonly #guidance = new Latest<Guidance>(nothingHeard);
  readonly #stop = new AbortController();
  #told: string | undefined;

  constructor(deps: NodeConnectivityDeps) {
    this.#deps = deps;
    void this.#follow();
  }

  /** Of generation 0 until it is known whether there is a node. */
  get guidance(): Watched<Guidance> {
    return this.#guidance;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #follow(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const why = await this.#followOne();
      if (signal.aborted) return;
      this.#take(unmanaged(why));
      await sleep(clock, "node to follow", lookAgain, signal).catch(() => {});
    }
  }

  /** Resolves with the reason when nobody can be followed any more. */
  async #followOne(): Promise<string> {
    let why = "no node runs on this machine";
    for (const socket of this.#deps.sockets) {
      const end = await this.#listen(socket);
      if (end.kind === "gone") return "the node has gone away";
      if (end.kind === "refused") why = end.why;
    }
    return why;
  }

  /** Resolves when the node says no more. */
  async #listen(socket: string): Promise<End> {
    const late = this.#deps.clock.after("first word of a node", firstWordWithin, () =>
      this.#take(unmanaged("the node takes long to answer")),
    );
    let status: NodeStatus | undefined;
    try {
      const client = createNodeClient(createUnixFetch(socket), unixBaseUrl);
      for await (const { event } of client.events(this.#stop.signal)) {
        late[Symbol.dispose]();
        status = this.#hear(status, event);
      }
      return { kind: "gone" };
    } catch (error) {
      if (isAbsent(error)) return { kind: "absent" };
      return status !== undefined && isOfSystem(error)
        ? { kind: "gone" }
        : { kind: "refused", why: whyNot(error, socket) };
    } finally {
      late[Symbol.dispose]();
    }
  }

  #hear(before: NodeStatus | undefined, event: NodeEvent): NodeStatus | undefined {
    if (before === undefined && event.kind !== "snapshot") return undefined;
    const status = event.kind === "snapshot" ? event.status : before && applyEvent(before, event);
    const isOfPaths = event.kind === "snapshot" || event.kind === "connectivity" || event.kind === "steering";
    if (status !== undefined && isOfPaths) this.#take(readPaths(status.backhaul, this.#deps.addresses()));
    return status;
  }

  #take(reading: Reading): void {
    const { guidance, why } = reading;
    if (guidance !== this.#guidance.current) this.#guidance.set(guidance);
    if (this.#told === why) return;
    this.#told = why;
    this.#deps.tell(reading);
  }
}

/** How following a node ended. */
type End = { readonly kind: "gone" } | { readonly kind: "absent" } | { readonly kind: "refused"; readonly why: string };

/** A connection that broke, not an answer that cannot be read. */
function isOfSystem(error: unknown): boolean {
  const code = errorCode(error);
  return typeof code === "string" && /^E[A-Z]/.test(code);
}

function whyNot(error: unknown, socket: string): string {
  const code = errorCode(error);
  if (code === "EACCES" || code === "EPERM")
    return `the node's socket ${socket} is closed to this user: [node] socket_group of its configuration lets a group in`;
  return `the node at ${socket} cannot be followed: ${describeError(error)}`;
}
