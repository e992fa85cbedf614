/** What must hold of the parts of which the handshake makes its keys, whoever uses them: checked by themselves. */
import type { Contribution } from "@ropewalk/crypto/pure/hybrid-combiner";
import type { Machine } from "./machine.ts";
import { keysOf } from "./properties.ts";
import { Provenance } from "./provenance.ts";

/** The properties that do not hold. */
export function brokenPieces(machine: Machine): readonly string[] {
  return [
    ...(isSeparate(machine) ? [] : ["separation"]),
    ...swallowed(machine).map((what) => `universal combiner: ${what}`),
  ];
}

/** Directions, purposes and epochs have keys of their own, and none is the secret from which it comes. */
function isSeparate(machine: Machine): boolean {
  const provenance = new Provenance();
  const first = provenance.drawn("epoch", 48);
  const second = provenance.drawn("another epoch", 48);
  const all = [first, second, ...keysOf({ machine, provenance }, first), ...keysOf({ machine, provenance }, second)];
  // Those of different lengths, too, share no beginning.
  return new Set(all.map((key) => key.subarray(0, 12).toHex())).size === all.length;
}

const octets = (...values: readonly number[]) => Uint8Array.from(values);
const one: Contribution = { name: "one", secret: octets(1, 2), publicKey: octets(3, 4), ciphertext: octets(5, 6) };
const other: Contribution = { name: "two", secret: octets(7), publicKey: octets(8), ciphertext: octets(9) };

/** What can be changed without any change of the combined secret. */
function swallowed(machine: Machine): readonly string[] {
  const provenance = new Provenance();
  const combine = (label: string, contributions: readonly Contribution[], context: Uint8Array) =>
    machine.combineSecrets(provenance, label, contributions, context).toHex();
  const whole = combine("label", [one, other], octets(0));
  const changed: Readonly<Record<string, string>> = {
    label: combine("lapel", [one, other], octets(0)),
    context: combine("label", [one, other], octets(1)),
    order: combine("label", [other, one], octets(0)),
    number: combine("label", [one], octets(0)),
    name: combine("label", [{ ...one, name: "once" }, other], octets(0)),
    secret: combine("label", [{ ...one, secret: octets(1, 3) }, other], octets(0)),
    "public key": combine("label", [{ ...one, publicKey: octets(3, 5) }, other], octets(0)),
    ciphertext: combine("label", [{ ...one, ciphertext: octets(5, 7) }, other], octets(0)),
    boundaries: combine("label", [{ ...one, publicKey: octets(3), ciphertext: octets(4, 5, 6) }, other], octets(0)),
  };
  return Object.keys(changed).filter((what) => changed[what] === whole);
}
