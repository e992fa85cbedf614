/** `ropewalk mesh inbox`: the messages that came, or broadcasts, the oldest first, and with --follow those that come. */
import type { MessageEventDocument } from "@ropewalk/api/messages";
import type { MessagingClient } from "@ropewalk/api/messages-client";
import { seconds } from "@ropewalk/kernel/units";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { portOf } from "../command-line/given-values.ts";
import { exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";
import { follow } from "../local-api/follow.ts";
import { withRefusals } from "../local-api/refusals.ts";
import { broadcastsShelf, messagesShelf, type Shelf } from "../local-api/shelves.ts";
import { Taking } from "../local-api/taking.ts";
import { printable } from "../render/table.ts";

const atOnce = 100;
const patience = seconds(5);

export const run: RunCommand = async (given, context) => {
  const inbox = new Inbox(given, context);
  const find = async () => {
    const { client } = await askMessages(context, (asked, signal) => asked.messages.store(signal));
    inbox.client = client;
    return client.messages;
  };
  if (!given.flags.has("follow")) {
    await find();
    await withRefusals(inbox.print());
    if (inbox.printed === 0 && !given.flags.has("json")) context.output.write(`${inbox.shelf.emptyText}\n`);
    return inbox.endedWell() ? exitCodes.ok : exitCodes.failed;
  }
  const printing: { last: Promise<void> } = { last: Promise.resolve() };
  await follow(context, "the node", find, {
    show: ({ kind }: MessageEventDocument) => {
      // What went wrong is read again with the next event, or when the node is back.
      if (kind === "snapshot" || kind === inbox.shelf.event) printing.last = inbox.printSoon().catch(() => {});
    },
    interrupt: () => {},
  });
  await printing.last;
  inbox.endedWell();
  return exitCodes.ok;
};

/** Prints each one once, for their numbers only grow, and takes it behind that: at once, or when the node is there again. */
class Inbox {
  client: MessagingClient | undefined;
  readonly shelf: Shelf;
  printed = 0;
  readonly #context: CommandContext;
  readonly #flags: ReadonlySet<string>;
  readonly #port: number | undefined;
  #after = 0;
  /** Of what is printed. */
  readonly #taking = new Taking();
  #running: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor({ flags, values }: GivenArguments, context: CommandContext) {
    this.#context = context;
    this.#flags = flags;
    this.#port = portOf(values.get("port"));
    this.shelf = flags.has("broadcasts") ? broadcastsShelf : messagesShelf;
  }

  /** However often it is asked for, one runs at a time, and one more behind it. */
  printSoon(): Promise<void> {
    this.#isAskedAgain = true;
    this.#running ??= this.#printWhileAsked().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** What is there now. */
  async print(): Promise<void> {
    const messages = this.client?.messages;
    if (messages === undefined) return;
    await this.#take(messages);
    for (;;) {
      const question = { after: this.#after, most: atOnce, port: this.#port };
      const page = await this.shelf.page(messages, question, AbortSignal.timeout(patience));
      for (const item of page.items) this.#show(item.document, item.lines);
      if (page.next === null) return;
      this.#after = page.next;
      if (this.#flags.has("take")) this.#taking.add(page.items.map(({ number }) => number));
      await this.#take(messages);
    }
  }

  /** Whether all that was printed was taken, if it was to be; people are told what was not, and why. */
  endedWell(): boolean {
    const { left, lostToOthers, why } = this.#taking;
    this.#tellUntaken(lostToOthers, "another reader has taken them");
    this.#tellUntaken(left, `${printable(why ?? "the node went away")}. They stay`);
    return lostToOthers + left === 0;
  }

  #take(messages: MessagingClient["messages"]): Promise<void> {
    return this.#taking.work((numbers) => this.shelf.take(messages, numbers, AbortSignal.timeout(patience)));
  }

  #tellUntaken(count: number, reason: string): void {
    if (count === 0) return;
    this.#context.errors.write(`ropewalk: ${count} of what was printed could not be taken: ${reason}.\n`);
  }

  async #printWhileAsked(): Promise<void> {
    while (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      await this.print();
    }
  }

  #show(document: object, lines: readonly string[]): void {
    this.printed += 1;
    const text = this.#flags.has("json") ? JSON.stringify(document) : lines.join("\n");
    this.#context.output.write(`${text}\n`);
  }
}
