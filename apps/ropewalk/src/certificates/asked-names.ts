/** The names that a request asks for, checked as if they had been typed: a stranger wrote them. */
import type { RequestFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { kemPinPrefix } from "@ropewalk/crypto/certificates/pure/kem-pin";
import {
  parseDnsName,
  parseEmailName,
  parseIpName,
  parseUriName,
  type SubjectNames,
} from "@ropewalk/crypto/certificates/pure/subject-names";
import { AppError } from "../errors.ts";

/** Throws APP_REFUSED for a name that no certificate of ours has, such as a wildcard. The pin of a key is no name. */
export function askedNames({ names }: RequestFacts): SubjectNames {
  return {
    dns: names.dns.map((name) => checked(name, parseDnsName)),
    ip: names.ip.map((name) => checked(name, parseIpName)),
    uri: names.uri.filter((name) => !name.startsWith(kemPinPrefix)).map((name) => checked(name, parseUriName)),
    email: names.email.map((name) => checked(name, parseEmailName)),
  };
}

function checked<T>(name: string, parse: (text: string) => T | undefined): T {
  const value = parse(name);
  if (value !== undefined) return value;
  throw new AppError("APP_REFUSED", `the request asks for the name "${name}", which is not given to anybody here`);
}
