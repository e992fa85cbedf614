/**
 * What openssl is told to make the lab's own authority and the certificates that it signs. The keys never leave the
 * memory of the lab; what is trusted is the authority alone.
 */
import { certifiedNames, impostorName } from "./names.ts";

/** Where edge and client find the authority's certificate. */
export const authorityFile = "/run/lab/authority.pem";

/** Divides the parts of what the script prints. */
const partEnd = "-----LAB PART-----";

/** A certificate and its key, in PEM. */
export interface Credentials {
  readonly key: string;
  readonly cert: string;
}

/**
 * A certificate of a public server comes with its chain and fills two to three packets (2 to 5 kB); one that fitted into
 * one packet would get through where real ones do not.
 */
const paddingNames = 80;

/**
 * A shell program that prints the authority's certificate, then certificate and key of the targets and of impostors.
 * Its arguments are the alternative names of each. It runs with mounts of its own: its folder goes with it.
 */
export const authorityScript: string = `
set -e
mount -t tmpfs -o mode=700 tmpfs /tmp
cd /tmp
make() {
  name=$1; shift
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/O=Ropewalk lab/CN=$name" \\
    -keyout "$name.key" -out "$name.pem" "$@" 2>"$name.said" || { cat "$name.said" >&2; exit 1; }
}
make authority
issue() { make "$1" -CA authority.pem -CAkey authority.key -addext basicConstraints=CA:FALSE -addext "subjectAltName=$2"; }
issue target "$1"
issue impostor "$2"
for file in authority.pem target.pem target.key impostor.pem impostor.key; do cat "$file"; echo "${partEnd}"; done
`;

export function authorityArguments(): readonly string[] {
  const padding = Array.from(
    { length: paddingNames },
    (_, index) => `a-name-that-nobody-asks-for-${index}.lab.example`,
  );
  return [alternativeNames([...certifiedNames(), ...padding]), alternativeNames([impostorName])];
}

export interface Authority {
  readonly certificate: string;
  readonly target: Credentials;
  readonly impostor: Credentials;
}

/** Undefined when the script printed something else. */
export function parseAuthority(printed: string): Authority | undefined {
  const [certificate, targetCert, targetKey, impostorCert, impostorKey] = printed.split(`${partEnd}\n`);
  if (certificate === undefined || targetCert === undefined || targetKey === undefined) return undefined;
  if (impostorCert === undefined || !impostorKey?.startsWith("-----BEGIN")) return undefined;
  return {
    certificate,
    target: { cert: targetCert, key: targetKey },
    impostor: { cert: impostorCert, key: impostorKey },
  };
}

function alternativeNames(names: readonly string[]): string {
  return names.map((name) => `DNS:${name}`).join(",");
}
