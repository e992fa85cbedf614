/** The commands of `ropewalk cert`: making, showing and checking certificates. None of them needs a node. */
import type { CommandSpec, OptionSpec } from "./command.ts";

const json: OptionSpec = { name: "json", summary: "print JSON for programs instead of text for people" };
const force: OptionSpec = { name: "force", summary: "overwrite files that are there" };

function file(name: string, summary: string): OptionSpec {
  return { name, summary, value: { name: "FILE", completion: "files" } };
}

function required(option: OptionSpec): OptionSpec {
  return { ...option, isRequired: true };
}

function days(usual: string): OptionSpec {
  return {
    name: "days",
    summary: `how long it is good; usually ${usual}`,
    value: { name: "DAYS", completion: "nothing" },
  };
}

const algorithm: OptionSpec = {
  name: "algorithm",
  summary: "of the key, in place of the usual one",
  value: { name: "ALGORITHM", completion: ["ml-dsa-65", "p-256", "ed25519"] },
};
const use: OptionSpec = {
  name: "for",
  summary: "tunnel (ml-dsa-65; the default), or web (p-256, which browsers and curl know)",
  value: { name: "USE", completion: ["tunnel", "web"] },
};
const name: OptionSpec = {
  name: "name",
  summary: "what people call it",
  value: { name: "NAME", completion: "nothing" },
};
const names: readonly OptionSpec[] = [
  ["dns", "DNS name that it is known by"],
  ["ip", "IP address that it is known by"],
  ["uri", "URI that it is known by"],
].map(([option = "", summary = ""]) => ({
  name: option,
  summary: `${summary}; may be given several times`,
  value: { name: option.toUpperCase(), completion: "nothing" },
  isRepeatable: true,
}));
const caCert = file("ca-cert", "certificate of the CA");
const caKey = file("ca-key", "private key of the CA");
const outCert = required(file("out-cert", "where the certificate goes"));
const outKey = required(file("out-key", "where its private key goes"));
const outKemKey = file("out-kem-key", "make a Classic McEliece key too, pin it in the certificate, and write it there");

const keysDetail = `A private key is written for its owner alone to read (0600), and never printed. Either all files are
written or none.`;

function leaf(role: "server" | "client" | "node", who: string, load: CommandSpec["load"]): CommandSpec {
  return {
    words: ["cert", role],
    summary: `make a key and a certificate for ${who}`,
    detail: `At least one of --dns, --ip and --uri says whom the other end talks to. The key is of the CA's algorithm.
${keysDetail}`,
    options: [
      required(name),
      required(caCert),
      required(caKey),
      outCert,
      outKey,
      outKemKey,
      ...names,
      days("365, and no longer than the CA"),
      algorithm,
      force,
      json,
    ],
    operands: [],
    load,
  };
}

export const certCommands: readonly CommandSpec[] = [
  {
    words: ["cert", "ca"],
    summary: "make a CA: the key that vouches for others, and its certificate",
    detail: `With --ca-cert and --ca-key it is one below another CA, whose --path-length must allow it.
${keysDetail}
Keep a CA's key off the machines that it vouches for.`,
    options: [
      required(name),
      outCert,
      outKey,
      days("3650"),
      {
        name: "path-length",
        summary: "how many CAs may stand below it; usually 0",
        value: { name: "NUMBER", completion: "nothing" },
      },
      use,
      algorithm,
      caCert,
      caKey,
      force,
      json,
    ],
    operands: [],
    load: () => import("../commands/cert-ca.ts"),
  },
  leaf("server", "the end that listens", () => import("../commands/cert-server.ts")),
  leaf("client", "the end that connects", () => import("../commands/cert-client.ts")),
  leaf("node", "who does both: entry, an exit of the VPN", () => import("../commands/cert-node.ts")),
  {
    words: ["cert", "csr"],
    summary: "make a key and a request, for a CA whose key is elsewhere",
    detail: keysDetail,
    options: [
      required(name),
      required(file("out-csr", "where the request goes")),
      outKey,
      outKemKey,
      ...names,
      use,
      algorithm,
      force,
      json,
    ],
    operands: [],
    load: () => import("../commands/cert-csr.ts"),
  },
  {
    words: ["cert", "sign"],
    summary: "make a certificate for a request",
    detail: `Whoever signs decides: the role, the names and the time are those given here. --copy-names takes over the
names that the request asks for; look at them first: ropewalk cert show REQUEST. A McEliece key that the
request pins is pinned in the certificate.`,
    options: [
      required({
        name: "role",
        summary: "which end of connections",
        value: { name: "ROLE", completion: ["server", "client"] },
      }),
      required(caCert),
      required(caKey),
      outCert,
      { ...name, summary: "what people call it; else what the request says" },
      ...names,
      { name: "copy-names", summary: "take over the names that the request asks for" },
      days("365, and no longer than the CA"),
      force,
      json,
    ],
    operands: [{ name: "REQUEST", summary: "the file of the request", completion: "files" }],
    load: () => import("../commands/cert-sign.ts"),
  },
  {
    words: ["cert", "crl"],
    summary: "make the next revocation list of a CA, with what is revoked from now on",
    detail: `The list is read where it is there, its entries are kept, and the next one takes its place. Without
--revoke it is only made anew, which must be done before it ends: an ended list refuses everybody.`,
    options: [
      required(caCert),
      required(caKey),
      required(file("crl", "the list: read if it is there, and written")),
      {
        name: "revoke",
        summary: "a certificate or its serial; may be given several times",
        value: { name: "FILE|SERIAL", completion: "files" },
        isRepeatable: true,
      },
      days("30"),
      json,
    ],
    operands: [],
    load: () => import("../commands/cert-crl.ts"),
  },
  {
    words: ["cert", "show"],
    summary: "say what is in a file of certificates, requests or revocation lists",
    detail: "PEM or DER. Nothing is verified but that a request was signed by its own key. Private keys are not shown.",
    options: [json],
    operands: [{ name: "FILE", summary: "the file", completion: "files" }],
    load: () => import("../commands/cert-show.ts"),
  },
  {
    words: ["cert", "verify"],
    summary: "say whether a certificate is to be trusted, and if not, why",
    detail: `FILE holds the certificate, and behind it what stands between it and the CA. Exit code 9 when it is not to
be trusted. A revocation list that has ended refuses.`,
    options: [
      {
        ...required(file("ca", "certificates of CAs that are trusted; may be given several times")),
        isRepeatable: true,
      },
      { ...file("crl", "revocation list; may be given several times"), isRepeatable: true },
      {
        name: "role",
        summary: "for which end of connections",
        value: { name: "ROLE", completion: ["server", "client"] },
      },
      json,
    ],
    operands: [{ name: "FILE", summary: "the certificate", completion: "files" }],
    load: () => import("../commands/cert-verify.ts"),
  },
];
