/** Looking names up: each once at a time, so many at most, and nothing kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { HostName } from "@ropewalk/kernel/host-port";
import { createLookUp } from "@ropewalk/tunnel/io/target-names";
import { settled } from "./fake-tcp.ts";

const name = (text: string) => text as HostName;

function asking() {
  const asked: { readonly name: string; readonly answer: PromiseWithResolvers<readonly IpAddress[]> }[] = [];
  const lookUp = createLookUp((host) => {
    const answer = Promise.withResolvers<readonly IpAddress[]>();
    asked.push({ name: host, answer });
    return answer.promise;
  });
  return { asked, lookUp };
}

test("who asks for a name that is being looked up gets the same answer; who asks later asks anew", async () => {
  const { asked, lookUp } = asking();
  const both = [lookUp(name("a")), lookUp(name("a"))];
  asked[0]?.answer.resolve([ipAddress("10.0.0.1")]);
  assert.deepEqual(await Promise.all(both), [["10.0.0.1"], ["10.0.0.1"]]);
  await settled();
  void lookUp(name("a"));
  assert.equal(asked.length, 2);
});

test("with many names unanswered another is refused at once, and may come when one is answered or fails", async () => {
  const { asked, lookUp } = asking();
  const waiting = Array.from({ length: 64 }, (_, index) => lookUp(name(`n${index}`)));
  await assert.rejects(lookUp(name("one-more")), /64 other names/);
  asked[0]?.answer.reject(new Error("ENOTFOUND"));
  await assert.rejects(waiting[0] as Promise<unknown>, /ENOTFOUND/);
  await settled();
  void lookUp(name("one-more"));
  assert.equal(asked.length, 65);
});

test("this machine's own resolver is asked, and what it gives are addresses", async () => {
  const addresses = await createLookUp()(name("localhost"));
  assert(addresses.includes(ipAddress("127.0.0.1")) || addresses.includes(ipAddress("::1")));
});
