/** What the options of `ropewalk cert` order, checked: a name that no certificate can have is a fault of the command line. */
import type { CertificateRole } from "@ropewalk/crypto/certificates/pure/extensions";
import type { Validity } from "@ropewalk/crypto/certificates/pure/issue-certificate";
import {
  type CommonName,
  hasNames,
  noNames,
  parseCommonName,
  parseDnsName,
  parseIpName,
  parseUriName,
  type SubjectNames,
} from "@ropewalk/crypto/certificates/pure/subject-names";
import { allSignatureAlgorithms, type SignatureAlgorithm } from "@ropewalk/crypto/signature-algorithms";
import type { GivenArguments } from "../command-line/command.ts";
import { AppError } from "../errors.ts";

const day = 86_400_000;
/** What is made is good from an hour ago on: the clocks of two machines differ. */
export const clockAllowance = 3_600_000;
const mostDays = 36_500;

export function parsedCommonName(text: string): CommonName {
  return parsed("--name", text, parseCommonName, "from 1 to 64 printable characters");
}

/** Of --dns, --ip and --uri. */
export function givenNames({ lists }: GivenArguments): SubjectNames {
  const all = <T>(option: string, parse: (text: string) => T | undefined, what: string) =>
    (lists.get(option) ?? []).map((text) => parsed(`--${option}`, text, parse, what));
  return {
    ...noNames,
    dns: all("dns", parseDnsName, "letters, digits and hyphens between dots, without a wildcard"),
    ip: all("ip", parseIpName, "an IPv4 or IPv6 address"),
    uri: all("uri", parseUriName, "a URI with its scheme"),
  };
}

/** Throws APP_USAGE where nothing says whom the other end talks to. */
export function demandNames(names: SubjectNames): SubjectNames {
  if (hasNames(names)) return names;
  throw new AppError(
    "APP_USAGE",
    "nothing says whom the other end talks to: give at least one of --dns, --ip and --uri",
  );
}

export function givenRole({ values }: GivenArguments): CertificateRole | undefined {
  const role = values.get("role");
  return role === "server" || role === "client" ? role : undefined;
}

/** Of --algorithm, else of --for, else `usual`. */
export function givenAlgorithm(
  { values }: GivenArguments,
  usual: SignatureAlgorithm = "ml-dsa-65",
): SignatureAlgorithm {
  const named = allSignatureAlgorithms.find((each) => each === values.get("algorithm"));
  return named ?? (values.get("for") === "web" ? "p-256" : usual);
}

/** A whole number of --days, else `usual`, in milliseconds. */
export function givenDays(given: GivenArguments, usual: number): number {
  return wholeNumber(given, "days", { from: 1, to: mostDays, usual }) * day;
}

export function wholeNumber(
  { values }: GivenArguments,
  option: string,
  { from, to, usual }: { readonly from: number; readonly to: number; readonly usual: number },
): number {
  const text = values.get(option);
  if (text === undefined) return usual;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= from && number <= to) return number;
  throw new AppError("APP_USAGE", `--${option} cannot be "${text}"; it is a whole number from ${from} to ${to}`);
}

/** From a little before `now` for so long, but not beyond `limit`. */
export function validityFrom(now: number, length: number, limit: number = Number.POSITIVE_INFINITY): Validity {
  return { notBefore: now - clockAllowance, notAfter: Math.min(now + length, limit) };
}

function parsed<T>(option: string, text: string, parse: (text: string) => T | undefined, what: string): T {
  const value = parse(text);
  if (value !== undefined) return value;
  throw new AppError("APP_USAGE", `${option} cannot be "${text}"; it is ${what}`);
}
