/** The commands that send and read messages, by the node that runs here. */
import type { CommandSpec, OptionSpec } from "./command.ts";

const json: OptionSpec = { name: "json", summary: "print JSON for programs instead of text for people" };
const port = (summary: string): OptionSpec => ({
  ...{ name: "port", summary },
  value: { name: "NUMBER", completion: "nothing" },
});

const allowed = "For root, the node's own user and the socket's group.";

export const messageCommands: readonly CommandSpec[] = [
  {
    words: ["mesh", "send"],
    summary: "send a message to a node, which need not be there now",
    detail: `Exit code 0: the message is on this machine's disk, and is delivered as soon as there is a way, now or
days later, whatever is restarted meanwhile. With --wait: its recipient has it, which is proved; exit code 11
when that was not proved in time, and the message is kept and tried on: who sends it again sends another.
${allowed}`,
    options: [
      json,
      { name: "file", summary: "send what is in it", value: { name: "FILE", completion: "files" } },
      port("for which application there: 0 to 65535 (else 0, for people)"),
      {
        name: "priority",
        summary: "what gives way last where room is short (else normal)",
        value: { name: "PRIORITY", completion: ["low", "normal", "high", "emergency"] },
      },
      {
        name: "life",
        summary: 'how long it is worth delivering, "24h" (else mesh.store.max_life)',
        value: { name: "DURATION", completion: "nothing" },
      },
      {
        ...{ name: "wait", optionalValue: "DURATION" },
        summary: 'stay until its recipient has it: "--wait=30s"; without a duration, for its life',
      },
    ],
    operands: [
      {
        name: "TO",
        summary: "a contact's name, or an address: all of it, or its first digits where one has them",
        completion: "nothing",
      },
      { name: "TEXT", summary: "what to send; - for what is piped in", isOptional: true, completion: "nothing" },
    ],
    load: () => import("../commands/mesh-send.ts"),
  },
  {
    words: ["mesh", "inbox"],
    summary: "print the messages that came and were not taken, the oldest first",
    detail: `They stay until they are taken: with --take, once they are printed. With --json each is one line. Text is
shown without what could move the cursor, and what is no text by its first octets; --json has all of both.
${allowed}`,
    options: [
      json,
      { name: "broadcasts", summary: "of broadcasts that were heard, instead of messages" },
      { name: "follow", summary: "stay, and print those that come" },
      { name: "take", summary: "take what was printed: it goes from the inbox for good" },
      port("only those that are for this application"),
    ],
    operands: [],
    load: () => import("../commands/mesh-inbox.ts"),
  },
  {
    words: ["mesh", "broadcast"],
    summary: "say something to all who are near, or in a channel",
    detail: `All within sixteen links hear what is said to all, and read who signed it. With --channel only those
read it who have the channel's key. Nobody proves to have it, and it is not kept over a restart: who comes
within its life hears it. mesh inbox --broadcasts prints what was heard.
${allowed}`,
    options: [
      json,
      { name: "channel", summary: "in this channel", value: { name: "NAME", completion: "nothing" } },
      {
        name: "file",
        summary: "say what is in it: 1,024 octets at most",
        value: { name: "FILE", completion: "files" },
      },
      port("for which application: 0 to 65535 (else 0, for people)"),
      {
        name: "priority",
        summary: "what goes first, and high and emergency also over the poorest links (else normal)",
        value: { name: "PRIORITY", completion: ["low", "normal", "high", "emergency"] },
      },
      {
        name: "life",
        summary: 'how long it is worth hearing, "1h" at most (else 10 minutes)',
        value: { name: "DURATION", completion: "nothing" },
      },
    ],
    operands: [
      { name: "TEXT", summary: "what to say; - for what is piped in", isOptional: true, completion: "nothing" },
    ],
    load: () => import("../commands/mesh-broadcast.ts"),
  },
  {
    words: ["mesh", "send-status"],
    summary: "tell an entry how this node is, by a message to where it gets that",
    detail: `A record of one length, signed by this node and sealed to the entry's key: TO and all on the way read nothing
of it. It comes there on port 1. Exit code 0: it is on this machine's disk, as mesh send.
${allowed}`,
    options: [
      json,
      {
        ...{ name: "entry-key", isRequired: true },
        summary: "the entry's public key, X25519: 64 hexadecimal digits",
        value: { name: "KEY", completion: "nothing" },
      },
      {
        name: "priority",
        summary: "what gives way last where room is short (else normal)",
        value: { name: "PRIORITY", completion: ["low", "normal", "high", "emergency"] },
      },
      {
        name: "life",
        summary: 'how long it is worth delivering, "24h" (else mesh.store.max_life)',
        value: { name: "DURATION", completion: "nothing" },
      },
    ],
    operands: [{ name: "TO", summary: "from whom the entry gets it: as of mesh send", completion: "nothing" }],
    load: () => import("../commands/mesh-send-status.ts"),
  },
  {
    words: ["mesh", "channels"],
    summary: "list the channels whose keys are here; add, key or remove NAME",
    detail: `add makes a key, or takes over the one that --key-file gives; key prints it, for those who are to read and
write there: whoever has it can, as anybody. Names are this node's own; the fingerprint shows that two have
the same key.
${allowed}`,
    options: [
      json,
      {
        name: "key-file",
        summary: "to add: the file with its key, - for what is piped in (else a new one is made)",
        value: { name: "FILE", completion: "files" },
      },
    ],
    operands: [
      { name: "ACT", summary: "add, key or remove", isOptional: true, completion: ["add", "key", "remove"] },
      { name: "NAME", summary: "what it is called here", isOptional: true, completion: "nothing" },
    ],
    load: () => import("../commands/mesh-channels.ts"),
  },
  {
    words: ["mesh", "outbox"],
    summary: "list the messages that are on their way, and how far each is",
    detail: allowed,
    options: [json],
    operands: [],
    load: () => import("../commands/mesh-outbox.ts"),
  },
  {
    words: ["mesh", "withdraw"],
    summary: "give up a message that is not delivered",
    detail: `What others carry of it may still arrive. Exit code 7 where there is none.
${allowed}`,
    options: [json],
    operands: [{ name: "ID", summary: "as mesh send and mesh outbox tell it", completion: "nothing" }],
    load: () => import("../commands/mesh-withdraw.ts"),
  },
  {
    words: ["mesh", "contacts"],
    summary: "list those who have names here; add NAME ADDRESS, remove NAME",
    detail: `Of a contact the key is kept, so that messages can be sealed to him while nobody knows a way to him.
${allowed}`,
    options: [
      json,
      {
        name: "key",
        summary: "his identity, 64 hexadecimal digits (else as he announced it)",
        value: { name: "KEY", completion: "nothing" },
      },
    ],
    operands: [
      { name: "ACT", summary: "add or remove", isOptional: true, completion: ["add", "remove"] },
      { name: "NAME", summary: "what he is called here", isOptional: true, completion: "nothing" },
      { name: "ADDRESS", summary: "to add: who he is", isOptional: true, completion: "nothing" },
    ],
    load: () => import("../commands/mesh-contacts.ts"),
  },
  {
    words: ["mesh", "store"],
    summary: "show what this node keeps of messages, and what became of them",
    detail: allowed,
    options: [json],
    operands: [],
    load: () => import("../commands/mesh-store.ts"),
  },
];
