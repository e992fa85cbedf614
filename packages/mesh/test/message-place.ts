/** A node in this process that carries messages, with a disk of its own that outlives its stops; and what an application does with it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { seconds } from "@ropewalk/kernel/units";
import type { Messages } from "@ropewalk/mesh/messages";
import { addressOfKey, type MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshService } from "@ropewalk/mesh/service";
import { createOwner, dialling, type StartedNode, startNode } from "./nodes-on-loopback.ts";

export class MessagePlace implements AsyncDisposable {
  readonly #owner = createOwner();
  #node: StartedNode | undefined;

  get service(): MeshService {
    return this.#node?.service ?? assert.fail("it is not there");
  }

  get messages(): Messages {
    return this.service.messages ?? assert.fail("it carries no messages");
  }

  /** As others dial it. */
  get at(): string {
    return this.#node?.place ?? assert.fail("it is not there");
  }

  get key(): Uint8Array {
    return this.#owner.key.verifyingKey.raw();
  }

  get address(): MeshAddress {
    return addressOfKey(this.key);
  }

  /** Where its messages are while it is stopped. */
  get store(): string {
    return join(this.#owner.folder, "messages");
  }

  /** Envelopes that it keeps, its own among them. */
  get kept(): number {
    return this.messages.status()?.custody.envelopes ?? 0;
  }

  async start(...peers: readonly string[]): Promise<MeshAddress> {
    this.#node = await startNode(this.#owner, dialling(...peers), { store: this.store });
    return this.address;
  }

  async stop(): Promise<void> {
    await this.#node?.[Symbol.asyncDispose]();
    this.#node = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#owner[Symbol.dispose]();
  }

  hasWay(to: MeshAddress): boolean {
    return this.service.routes().some(({ address, distance }) => address === to && distance !== undefined);
  }

  /** Knows the other's key, though he was never heard of. */
  async knows({ address, key }: MessagePlace): Promise<void> {
    assert.deepEqual(await this.messages.putContact({ address, key, name: undefined }), { kind: "done" });
  }

  /** By its id, once it is accepted. */
  async send(to: MeshAddress, text: string): Promise<string> {
    const content = new TextEncoder().encode(text);
    const sent = await this.messages.send({ to, port: 7, priority: 1, life: seconds(3_600), content });
    return sent.kind === "accepted" ? sent.id : assert.fail(`${sent.kind} ${JSON.stringify(sent)}`);
  }

  async delivered(id: string): Promise<void> {
    const outcome = await this.messages.delivery(id, seconds(20));
    // It may be over before it is asked for.
    assert.ok(outcome?.kind === "delivered" || outcome?.kind === "unknown", JSON.stringify(outcome));
  }

  /** What its application has not taken, the oldest first. */
  async inbox(): Promise<readonly string[]> {
    const reading = await this.messages.inbox(0, 1_000);
    if (reading.kind !== "read") return assert.fail(reading.why);
    return reading.value.map(({ content }) => new TextDecoder().decode(content));
  }
}
