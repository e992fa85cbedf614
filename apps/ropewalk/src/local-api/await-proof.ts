/** Waits until a message is proved to have arrived, over restarts of the node that sends it. */
import type { Received } from "@ropewalk/api/asking";
import type { MessageEventDocument } from "@ropewalk/api/messages";
import type { MessagingClient } from "@ropewalk/api/messages-client";
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";

/** `late`: not within the time. `over`: it is in the outbox no more, and what became of it was told while nobody listened. */
export type Proof = "delivered" | "expired" | "over" | "late";

export interface ProofWait {
  readonly clock: Clock;
  /** Aborts when it has taken long enough. */
  readonly signal: AbortSignal;
  readonly onProgress: (proved: number, of: number) => void;
}

const retryAfter = seconds(1);

/** The stream from before the message is sent, so that nothing of it is missed. */
export class ProofWatch {
  readonly #client: MessagingClient;
  readonly #wait: ProofWait;
  #stream: AsyncGenerator<Received<MessageEventDocument>, void, undefined>;
  #last: string | undefined;

  private constructor(client: MessagingClient, wait: ProofWait) {
    this.#client = client;
    this.#wait = wait;
    this.#stream = client.messages.events(wait.signal);
  }

  /** Rejects as the stream does. */
  static async open(client: MessagingClient, wait: ProofWait): Promise<ProofWatch> {
    const watch = new ProofWatch(client, wait);
    const first = await watch.#stream.next();
    if (first.done !== true) watch.#last = first.value.id;
    return watch;
  }

  /** Never rejects: who cannot be asked is asked again. */
  async proof(id: string): Promise<Proof> {
    const { signal, clock } = this.#wait;
    while (!signal.aborted) {
      const proof = await this.#follow(id).catch(() => undefined);
      if (proof !== undefined) return proof;
      await sleep(clock, "stream of messages", retryAfter, signal).catch(() => {});
      this.#stream = this.#client.messages.events(signal, this.#last);
    }
    return "late";
  }

  /** Undefined where the stream ends first. */
  async #follow(id: string): Promise<Proof | undefined> {
    for await (const { id: last, event } of this.#stream) {
      this.#last = last;
      if (event.kind === "snapshot" && !(await this.#isKept(id))) return "over";
      if (!("id" in event) || event.id !== id) continue;
      if (event.kind === "progress") this.#wait.onProgress(event.proved, event.of);
      else if (event.kind === "delivered" || event.kind === "expired") return event.kind;
    }
    return undefined;
  }

  async #isKept(id: string): Promise<boolean> {
    const { messages } = await this.#client.messages.outbox(this.#wait.signal);
    return messages.some((message) => message.id === id);
  }
}
