/** Whom this node writes to, as the disk has it and as it is asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { Contacts } from "@ropewalk/mesh/pure/messages/contacts";
import type { ChangeOutcome, StoreCallEnd, StoreResult } from "@ropewalk/mesh/pure/messages/store-call";
import type { StoredContact } from "@ropewalk/mesh/pure/messages/store-operations";

const key = Uint8Array.of(1);
const address = addressOfKey(key);
const called = (name: string): StoredContact => ({ address, key, name });

function contactsOnDisk() {
  const calls: ((end: StoreCallEnd, result?: StoreResult) => void)[] = [];
  const outcomes: ChangeOutcome[] = [];
  const changes: (string | undefined)[] = [];
  const contacts: Contacts = new Contacts(
    (_, then) => {
      calls.push((end, result) => then?.(millis(0), end, result));
    },
    (changed) => void changes.push(contacts.all.get(changed)?.name),
  );
  const then = (outcome: ChangeOutcome) => void outcomes.push(outcome);
  const refuse = () => calls.shift()?.("refused", { kind: "refused", reason: "full" });
  const name = () => contacts.all.get(address)?.name;
  return {
    contacts,
    changes,
    outcomes,
    then,
    refuse,
    name,
    commit: () => calls.shift()?.("durable", { kind: "done" }),
  };
}

test("a contact is told to be there once he is on the disk, and not before", () => {
  const { contacts, outcomes, then, commit, name } = contactsOnDisk();
  contacts.put(called("anna"), then);
  assert.deepEqual([outcomes.length, name()], [0, "anna"]);
  commit();
  assert.deepEqual(outcomes, [{ kind: "done" }]);
});

test("what the store refuses is as it was on the disk, whatever else was asked for meanwhile", () => {
  const { contacts, outcomes, then, refuse, commit, name } = contactsOnDisk();
  contacts.put(called("anna"), then);
  commit();
  contacts.put(called("bert"), then);
  contacts.put(called("carl"), then);
  refuse();
  assert.equal(name(), "carl");
  refuse();
  assert.equal(name(), "anna");
  contacts.remove(address, then);
  assert.equal(name(), undefined);
  refuse();
  assert.equal(name(), "anna");
  const refused = { kind: "refused", reason: "full" } as const;
  assert.deepEqual(outcomes, [{ kind: "done" }, refused, refused, refused]);
});

test("each change of who is a contact is told, also one that is taken back", () => {
  const { contacts, changes, then, commit, refuse } = contactsOnDisk();
  contacts.put(called("anna"), then);
  commit();
  contacts.remove(address, then);
  refuse();
  assert.deepEqual(changes, ["anna", undefined, "anna"]);
});

test("who was never on the disk is gone again, and one who is none cannot be removed", () => {
  const { contacts, outcomes, then, refuse, name } = contactsOnDisk();
  contacts.put(called("anna"), then);
  refuse();
  assert.equal(name(), undefined);
  contacts.remove(address, then);
  assert.deepEqual(outcomes.at(-1), { kind: "absent" });
});
