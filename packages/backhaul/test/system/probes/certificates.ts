/** Certificates for the far end's TLS servers, made by openssl in a folder: of an authority of the test's own, and bad ones. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverName } from "./far-address.ts";

export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

interface Wanted {
  readonly file: string;
  readonly name: string;
  /** YYMMDDHHMMSSZ. */
  readonly from: string;
  readonly to: string;
}

const always = { from: "200101000000Z", to: "491231000000Z" };
const wanted: readonly Wanted[] = [
  { file: "right", name: serverName, ...always },
  { file: "other-name", name: "portal.example", ...always },
  { file: "expired", name: serverName, from: "200101000000Z", to: "200201000000Z" },
  { file: "not-yet-valid", name: serverName, from: "480101000000Z", to: "491231000000Z" },
];

/** Makes every pair in `folder`, and the authority's certificate, which is returned. */
export function makeCertificates(folder: string): string {
  mkdirSync(join(folder, "issued"), { recursive: true });
  writeFileSync(join(folder, "index"), "");
  writeFileSync(join(folder, "serial"), "01\n");
  writeFileSync(join(folder, "ca.cnf"), authorityConfig(folder));
  selfSign(folder, "authority", "Test Authority");
  selfSign(folder, "self-signed", serverName);
  for (const each of wanted) issue(folder, each);
  return readFileSync(join(folder, "authority.pem"), "utf8");
}

export function readPair(folder: string, file: string): KeyPair {
  const read = (ending: string) => readFileSync(join(folder, `${file}.${ending}`), "utf8");
  return { key: read("key"), cert: read("pem") };
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

function selfSign(folder: string, file: string, name: string): void {
  const names = name.includes(" ") ? [] : ["-addext", `subjectAltName=DNS:${name}`];
  openssl(
    folder,
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    `${file}.key`,
    "-out",
    `${file}.pem`,
    ...subject(name),
    ...names,
  );
}

function issue(folder: string, { file, name, from, to }: Wanted): void {
  openssl(folder, "req", "-new", ...newKey, "-keyout", `${file}.key`, "-out", `${file}.csr`, ...subject(name));
  writeFileSync(join(folder, "names.cnf"), `subjectAltName=DNS:${name}\n`);
  const period = ["-startdate", from, "-enddate", to];
  openssl(
    folder,
    "ca",
    "-batch",
    "-config",
    "ca.cnf",
    "-extfile",
    "names.cnf",
    "-notext",
    ...period,
    "-in",
    `${file}.csr`,
    "-out",
    `${file}.pem`,
  );
}

function subject(name: string): readonly string[] {
  return ["-subj", `/CN=${name}`];
}

function authorityConfig(folder: string): string {
  return `[ca]
default_ca = test
[test]
dir = ${folder}
database = ${folder}/index
serial = ${folder}/serial
new_certs_dir = ${folder}/issued
certificate = ${folder}/authority.pem
private_key = ${folder}/authority.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;
}

function openssl(cwd: string, ...args: readonly string[]): void {
  execFileSync("openssl", args, { cwd, stdio: ["ignore", "ignore", "pipe"], timeout: 10_000 });
}
