/** Certificates, requests and lists for tests, made by the code under test, with chance that is counted instead of drawn. */

import { createIssuer } from "../../src/certificates/issuer.ts";
import type { CertificateFacts, CrlFacts } from "../../src/certificates/pure/certificate-facts.ts";
import { type CrlOrder, createCrl } from "../../src/certificates/pure/create-crl.ts";
import {
  type AuthorityOrder,
  issueCa,
  issueLeaf,
  issueRootCa,
  type LeafOrder,
  serialLength,
} from "../../src/certificates/pure/issue-certificate.ts";
import { type CommonName, noNames, parseCommonName, parseDnsName } from "../../src/certificates/pure/subject-names.ts";
import { certificateFacts } from "../../src/certificates/read-certificate.ts";
import { crlFacts } from "../../src/certificates/read-crl.ts";
import { certificateSigner, certifiedKey } from "../../src/certificates/signer.ts";
import type { SignatureAlgorithm } from "../../src/signature-algorithms.ts";
import { generateSigningKey, type SigningKey } from "../../src/signing-key.ts";

export const day = 86_400_000;
/** When everything is made, unless a test says otherwise. */
export const madeAt: number = Date.UTC(2026, 10, 22);

export interface Holder {
  readonly facts: CertificateFacts;
  readonly key: SigningKey;
}

let counted = 0;

function chance(): Uint8Array {
  counted += 1;
  const octets = new Uint8Array(serialLength);
  new DataView(octets.buffer).setUint32(serialLength - 4, counted);
  return octets;
}

export function commonName(text: string): CommonName {
  const name = parseCommonName(text);
  if (name === undefined) throw new Error(`"${text}" is no name`);
  return name;
}

const validity = (days: number) => ({ notBefore: madeAt, notAfter: madeAt + days * day });

export function rootCa(
  name = "test CA",
  order: Partial<AuthorityOrder> = {},
  key: SigningKey = generateSigningKey("ed25519"),
): Holder {
  const whole = {
    name: commonName(name),
    pathLength: undefined,
    validity: validity(3_650),
    chance: chance(),
    ...order,
  };
  return { facts: certificateFacts(issueRootCa(whole, certificateSigner(key))), key };
}

export function subordinateCa(above: Holder, name: string, order: Partial<AuthorityOrder> = {}): Holder {
  const key = generateSigningKey(above.key.algorithm);
  const whole = {
    name: commonName(name),
    pathLength: undefined,
    validity: validity(1_000),
    chance: chance(),
    ...order,
  };
  return { facts: certificateFacts(issueCa(whole, certifiedKey(key.verifyingKey), issuerOf(above))), key };
}

export function leaf(
  ca: Holder,
  order: Partial<LeafOrder> = {},
  algorithm: SignatureAlgorithm = ca.key.algorithm,
): Holder {
  const key = generateSigningKey(algorithm);
  const dns = parseDnsName("site-a.example");
  const whole: LeafOrder = {
    name: commonName("site a"),
    names: { ...noNames, dns: dns === undefined ? [] : [dns] },
    role: "server",
    kemPin: undefined,
    validity: validity(365),
    chance: chance(),
    ...order,
  };
  return { facts: certificateFacts(issueLeaf(whole, certifiedKey(key.verifyingKey), issuerOf(ca))), key };
}

export function crl(ca: Holder, revoked: readonly CertificateFacts[], order: Partial<CrlOrder> = {}): CrlFacts {
  const whole: CrlOrder = {
    revoked: revoked.map(({ serial }) => ({ serial, at: madeAt })),
    number: 1n,
    thisUpdate: madeAt,
    nextUpdate: madeAt + 30 * day,
    ...order,
  };
  return crlFacts(createCrl(whole, issuerOf(ca)));
}

function issuerOf(ca: Holder) {
  return createIssuer(ca.facts, ca.key, ca.facts.notBefore);
}
