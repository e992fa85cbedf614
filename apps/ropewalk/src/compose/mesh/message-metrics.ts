/** What is counted of messages, for Prometheus. No label holds an address, an id or a contact's name. */
import type { StoreEvent } from "@ropewalk/mesh/io/store/store-messages";
import type { Messages, MessagesStatus } from "@ropewalk/mesh/messages";
import type { MessageEvent } from "@ropewalk/mesh/pure/messages/message-terms";
import type { Metrics } from "@ropewalk/ops/metrics";

export interface CountMessages {
  readonly message: (event: MessageEvent) => void;
  readonly store: (kind: StoreEvent["kind"] | "died") => void;
}

export type CountedMessages = Pick<Messages, "status" | "making">;

/** `messages` is undefined until they are there, or where the node carries none. */
export function registerMessageMetrics(metrics: Metrics, messages: () => CountedMessages | undefined): CountMessages {
  const gauge = (name: string, help: string, read: (status: MessagesStatus) => number) =>
    metrics.gauge({
      ...{ name, help, labels: [] },
      collect: (set) => {
        const status = messages()?.status();
        if (status !== undefined) set({}, read(status));
      },
    });
  gauge("ropewalk_mesh_inbox_messages", "Messages that no application has taken.", ({ inbox }) => inbox.messages);
  gauge(
    "ropewalk_mesh_inbox_bytes",
    "What they hold, and what is kept free for those that came in part.",
    ({ inbox }) => inbox.octets,
  );
  gauge("ropewalk_mesh_outbox_messages", "Own messages that are not delivered.", ({ outbox }) => outbox.messages);
  gauge("ropewalk_mesh_outbox_bytes", "What they take, by which their bound counts.", ({ outbox }) => outbox.octets);
  gauge("ropewalk_mesh_custody_envelopes", "Envelopes kept for others.", ({ custody }) => custody.envelopes);
  gauge("ropewalk_mesh_custody_bytes", "What they take, by which their bound counts.", ({ custody }) => custody.octets);
  metrics.gauge({
    name: "ropewalk_mesh_store_limit",
    help: "The most that may be: messages and octets of the inbox, octets of the outbox and of what is kept for others.",
    labels: ["of"],
    collect: (set) => {
      const config = messages()?.making.config;
      if (config === undefined) return;
      set({ of: "inbox_messages" }, config.mostInbox);
      set({ of: "inbox_bytes" }, config.inboxOctets);
      set({ of: "outbox_bytes" }, config.accepting.most);
      set({ of: "custody_bytes" }, config.custody);
    },
  });
  metrics.counter({
    name: "ropewalk_mesh_envelopes_total",
    help: "What became of envelopes, and why where there is a reason.",
    labels: ["what", "reason"],
    collect: (set) => {
      for (const [name, count] of Object.entries(messages()?.status()?.counts ?? {})) {
        const [what = "", reason = ""] = name.split(": ");
        set({ what, reason }, count);
      }
    },
  });
  const events = metrics.counter({
    name: "ropewalk_mesh_messages_total",
    help: "Messages by what happened to them: accepted, refused by the store, received, delivered, expired, given up in part, refused as the inbox is full (inbox-full, inbox-roomy).",
    labels: ["event"],
  });
  const storeEvents = metrics.counter({
    name: "ropewalk_mesh_store_events_total",
    help: "What happened to the store of messages, by kind.",
    labels: ["kind"],
  });
  return {
    // Progress is of parts.
    message: ({ kind: event }) => event !== "progress" && events.add({ event }),
    store: (kind) => storeEvents.add({ kind }),
  };
}
