/** The commands of `ropewalk mesh id`: the key that a node of the mesh is. None of them needs a node. */
import type { CommandSpec, OptionSpec } from "./command.ts";

const json: OptionSpec = { name: "json", summary: "print JSON for programs instead of text for people" };
const force: OptionSpec = {
  name: "force",
  summary: "overwrite a file that is there, and with it whoever was known by it",
};
const out: OptionSpec = {
  name: "out",
  summary: "where the identity goes",
  value: { name: "FILE", completion: "files" },
  isRequired: true,
};
const passphrase: OptionSpec = {
  name: "passphrase-file",
  summary: "seal it with the first line of this file, of mode 0600",
  value: { name: "FILE", completion: "files" },
};

const fileDetail = `The file is written for its owner alone to read (0600), and its key never printed. Sealed with a passphrase it
opens by that alone; without, it is PKCS#8 in PEM, as OpenSSL reads it.`;

export const meshIdCommands: readonly CommandSpec[] = [
  {
    words: ["mesh", "id", "new"],
    summary: "make the identity of a mesh node, and say its address",
    detail: fileDetail,
    options: [out, passphrase, force, json],
    operands: [],
    load: () => import("../commands/mesh-id-new.ts"),
  },
  {
    words: ["mesh", "id", "show"],
    summary: "say the address and the public key of an identity",
    detail: "What a sealed file says of itself is shown without its passphrase, and is then as true as the file.",
    options: [{ ...passphrase, summary: "open it with the first line of this file, and so prove what it says" }, json],
    operands: [{ name: "FILE", summary: "the identity", completion: "files" }],
    load: () => import("../commands/mesh-id-show.ts"),
  },
  {
    words: ["mesh", "id", "import"],
    summary: "make an identity of an Ed25519 key that is there, or seal one anew",
    detail: `FILE, of mode 0600, holds a key as PEM or DER, a seed of 64 hexadecimal digits, or an identity.
${fileDetail}
Two nodes of one identity displace each other: let only one of them run.`,
    options: [
      out,
      passphrase,
      {
        name: "old-passphrase-file",
        summary: "what opens FILE, where that is sealed",
        value: { name: "FILE", completion: "files" },
      },
      force,
      json,
    ],
    operands: [{ name: "FILE", summary: "the key", completion: "files" }],
    load: () => import("../commands/mesh-id-import.ts"),
  },
];
