/** What this package parses, as functions of bytes, for the fuzzer: `run` returns on any input. */
import { formerContactSchema, newContactSchema, sendSchema, takeSchema } from "@ropewalk/api/messages-schema";
import { commands } from "../src/command-line/command-table.ts";
import { parseLine } from "../src/command-line/parse.ts";
import { contactNameFault } from "../src/local-api/contact-names.ts";
import { contentDocument, contentOctets } from "../src/local-api/message-documents.ts";
import { withDocument } from "../src/local-api/request-body.ts";
import { parseLoopback } from "../src/node-config.ts";
import { inboxLines } from "../src/render/message-view.ts";
import { printable } from "../src/render/table.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
}

const decoder = new TextDecoder();
const octets = (text: string) => new TextEncoder().encode(text);
const message = {
  number: 1,
  sender: "0".repeat(32),
  name: null,
  port: 0,
  id: "0".repeat(16),
  sentAt: "",
  receivedAt: "",
};

/** Whatever somebody sent comes back octet by octet, and is shown without what could move a cursor. */
function showContent(bytes: Uint8Array): void {
  const content = contentDocument(bytes);
  if (contentOctets(content)?.toHex() !== bytes.toHex()) throw new Error(`not the same octets: ${content.kind}`);
  const lines = inboxLines({ ...message, bytes: bytes.length, content });
  if (lines.slice(1).some((line) => !line.startsWith("  ") || /\p{C}/u.test(line))) throw new Error("not shown safely");
}

function readDocuments(bytes: Uint8Array): void {
  for (const schema of [sendSchema, takeSchema, newContactSchema, formerContactSchema]) {
    void withDocument<unknown>(
      async () => bytes,
      schema,
      () => ({ status: 200, contentType: "", document: {} }),
    );
  }
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "ropewalk: command line",
    run: (bytes) => void parseLine(decoder.decode(bytes).split("\0"), commands),
    seeds: ["uplink\0show\0--json\0wan0", "up\0--config=a\0--", "status\0--wach"].map(octets),
  },
  {
    name: "ropewalk: address to listen on",
    run: (bytes) => void parseLoopback(decoder.decode(bytes)),
    seeds: ["127.0.0.1:7410", "[::1]:80"].map(octets),
  },
  {
    name: "ropewalk: text for the terminal",
    run: (bytes) => void printable(decoder.decode(bytes)),
    seeds: ["wan0\u001b[2J", "\u202e"].map(octets),
  },
  {
    name: "ropewalk: content of a message",
    run: showContent,
    seeds: ["one\r\ntwo\t\u001b[2J", "\ufeff", "a\0b", ""].map(octets),
  },
  {
    name: "ropewalk: documents about messages",
    run: readDocuments,
    seeds: ['{"to":"anna","content":{"kind":"text","text":"x"}}', '{"numbers":[1]}', '{"contact":"anna"}'].map(octets),
  },
  {
    name: "ropewalk: name of a contact",
    run: (bytes) => void contactNameFault(decoder.decode(bytes)),
    seeds: ["anna", "beef", "-x"].map(octets),
  },
];
