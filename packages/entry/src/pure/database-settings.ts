/**
 * The address of a database as PostgreSQL's own programs write it: `postgres://user:password@host:5432/name?sslmode=verify-full`. What is not
 * understood is refused and never passed over, and no reason shows what was given: a password may stand anywhere in it.
 * Source: https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
import { Secret } from "@ropewalk/ops/secret";

export interface DatabaseSettings {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly tls: TlsSettings;
}

/** As `sslmode` has it. "require" shows what is said to nobody who only listens, and to anybody who answers in the server's place. */
export interface TlsSettings {
  readonly mode: TlsMode;
  /** Files; undefined: the authorities that the system trusts, and no certificate of its own. */
  readonly authorities: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

export type TlsMode = "disable" | "require" | "verify-ca" | "verify-full";

export type ReadSettings =
  | { readonly kind: "settings"; readonly settings: DatabaseSettings }
  | { readonly kind: "fault"; readonly reason: string };

const modes: readonly TlsMode[] = ["disable", "require", "verify-ca", "verify-full"];
const parameters = [
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
] as const;
type Parameter = (typeof parameters)[number];

class Fault extends Error {}

export function parseDatabaseUrl(text: string): ReadSettings {
  try {
    return { kind: "settings", settings: settingsOf(valuesOf(text)) };
  } catch (error) {
    if (error instanceof Fault) return { kind: "fault", reason: error.message };
    throw error;
  }
}

function settingsOf(given: ReadonlyMap<Parameter, string>): DatabaseSettings {
  const host = given.get("host") ?? "localhost";
  if (host.includes(",")) throw new Fault("it names several hosts: name the one that takes writes");
  if (host.includes("\0")) throw new Fault("its host cannot be one");
  const user = given.get("user");
  if (user === undefined) throw new Fault("it names no user: postgres://USER@HOST/NAME");
  const password = given.get("password");
  return {
    host,
    port: portOf(given.get("port") ?? "5432"),
    database: given.get("dbname") ?? user,
    user,
    password: password === undefined ? undefined : new Secret(password),
    tls: tlsOf(given, host),
  };
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new Fault("its port is no number from 1 to 65535");
  return port;
}

/** On the way to another machine, who does not say otherwise gets the mode that cannot be deceived. */
function tlsOf(given: ReadonlyMap<Parameter, string>, host: string): TlsSettings {
  const isNear = host.startsWith("/") || /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host);
  const said = given.get("sslmode") ?? (isNear ? "disable" : "verify-full");
  const mode = modes.find((known) => known === said);
  if (mode === undefined)
    throw new Fault(`its sslmode is none of ${modes.join(", ")}: others may end without encryption`);
  const [certificate, key] = [given.get("sslcert"), given.get("sslkey")];
  if ((certificate === undefined) !== (key === undefined))
    throw new Fault("of sslcert and sslkey it names one: a certificate needs its key");
  return { mode, authorities: given.get("sslrootcert"), certificate, key };
}

/** What is said twice is refused: programs differ about which of the two holds. */
function valuesOf(text: string): ReadonlyMap<Parameter, string> {
  const parts =
    /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?(\[[^\]/?#]*\]|[^:/?#@]*)(?::([^/?#@]*))?(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(
      text,
    );
  if (parts === null) throw new Fault("it is no address of a database: postgres://USER:PASSWORD@HOST:5432/NAME");
  const [, login = "", host = "", port = "", database = "", query = ""] = parts;
  const [user = "", ...rest] = login.split(":");
  const values = new Map<Parameter, string>();
  const put = (name: Parameter, written: string) => {
    if (written === "") return;
    if (values.has(name)) throw new Fault(`it says ${name} twice`);
    values.set(name, decoded(written));
  };
  put("user", user);
  put("password", rest.join(":"));
  put("host", host.replace(/^\[(.*)\]$/, "$1"));
  put("port", port);
  put("dbname", database);
  for (const pair of query.split("&").filter((one) => one !== "")) {
    const [written = "", value = ""] = pair.split(/=(.*)/s);
    const name = parameters.find((known) => known === written);
    if (name === undefined) throw new Fault(`it has a parameter that is none of ${parameters.join(", ")}`);
    put(name, value);
  }
  return values;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault("it has a % that is not followed by two hexadecimal digits of UTF-8; a % itself is %25");
  }
}
