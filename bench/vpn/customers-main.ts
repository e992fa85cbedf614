/** Thousands of customers in one process: each has a device, asks entry for sessions, and speaks WireGuard with the exit by himself. */
import { createInterface } from "node:readline";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { parseHostPort } from "@ropewalk/kernel/host-port";
import { seconds } from "@ropewalk/kernel/units";
import { WireCustomer } from "@ropewalk/lab/wire-customer";
import { BareSetter } from "./bare-setter.ts";
import type { CustomersOrder, CustomersTask, CustomersWord } from "./customers-task.ts";
import { EntryClient } from "./entry-client.ts";

interface Customer {
  readonly token: string;
  readonly device: string;
  readonly wire: WireCustomer;
}

interface Place {
  readonly endpoint: string;
  readonly publicKey: string;
  readonly presharedKey?: string;
  readonly addresses: readonly string[];
}

/** Enough for who asks while others wait: a generator that waits for a connection would ask less of a system that is slow. */
const connections = 256;
const atOnce = 16;
const patience = seconds(10);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const task = JSON.parse(String((await lines.next()).value)) as CustomersTask;
const entry = new EntryClient(task.url, task.authority, connections);
const customers = await makeCustomers();
say({ kind: "ready" });
for (;;) {
  const { value, done } = await lines.next();
  if (done === true) break;
  const order = JSON.parse(String(value)) as CustomersOrder;
  say(await did(order));
}
process.exit(0);

function did(order: CustomersOrder): Promise<CustomersWord> {
  switch (order.kind) {
    case "echo":
      return echo(order);
    case "cycles":
      return cycle(order);
    case "hold":
      return hold();
    case "bare":
      return bare(order);
  }
}

function say(word: CustomersWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

async function makeCustomers(): Promise<readonly Customer[]> {
  const made: Customer[] = [];
  let left = task.customers;
  const make = async () => {
    while (left > 0) {
      left -= 1;
      made.push(await makeCustomer());
    }
  };
  // By all connections, which are there then when it is measured what is asked over them.
  await Promise.all(Array.from({ length: connections }, make));
  return made;
}

async function makeCustomer(): Promise<Customer> {
  const { id } = await entry.change("/v1/admin/customers", task.adminKey);
  const lifetime = { lifetimeSeconds: 86_400 };
  const { token } = await entry.change(`/v1/admin/customers/${String(id)}/tokens`, task.adminKey, lifetime);
  const wire = await WireCustomer.open();
  const publicKey = Buffer.from(wire.keys.publicKey).toString("base64");
  const device = await entry.change("/v1/devices", String(token), { name: "bench", publicKey });
  return { token: String(token), device: String(device["id"]), wire };
}

async function begin({ token, device }: Customer): Promise<{ readonly id: string; readonly place: Place }> {
  const { session } = await entry.change("/v1/sessions/start", token, { deviceId: device, region: task.region });
  return session as { readonly id: string; readonly place: Place };
}

async function end({ token }: Customer, id: string): Promise<void> {
  await entry.change(`/v1/sessions/${id}/terminate`, token);
}

async function echo({
  sessions,
  perSecond,
}: Extract<CustomersOrder, { readonly kind: "echo" }>): Promise<CustomersWord> {
  const found = { kind: "echoed", answered: [], echoed: [], ended: [], failed: [] } as {
    readonly kind: "echoed";
    readonly answered: number[];
    readonly echoed: number[];
    readonly ended: number[];
    readonly failed: string[];
  };
  await openLoop(sessions, perSecond, async (index) => {
    const customer = customerAt(index);
    const asked = performance.now();
    const { id, place } = await begin(customer);
    found.answered.push(performance.now() - asked);
    if (task.echo !== undefined) {
      await customer.wire.connect(placeOf(place), patience);
      await customer.wire.echo({ address: ipAddress(task.echo.address), port: task.echo.port }, patience);
      found.echoed.push(performance.now() - asked);
    }
    const asking = performance.now();
    await end(customer, id);
    found.ended.push(performance.now() - asking);
  }).then((faults) => found.failed.push(...faults));
  return found;
}

async function cycle({
  perSecond,
  seconds: long,
}: Extract<CustomersOrder, { readonly kind: "cycles" }>): Promise<CustomersWord> {
  const [begun, ended]: [number[], number[]] = [[], []];
  const before = process.cpuUsage();
  const began = performance.now();
  const failed = await openLoop(perSecond * long, perSecond, async (index) => {
    const customer = customerAt(index);
    const asked = performance.now();
    const { id } = await begin(customer);
    const answered = performance.now();
    begun.push(answered - asked);
    await end(customer, id);
    ended.push(performance.now() - answered);
  });
  const { user, system } = process.cpuUsage(before);
  return { kind: "cycled", begun, ended, failed, took: performance.now() - began, processor: (user + system) / 1_000 };
}

async function hold(): Promise<CustomersWord> {
  const failed: string[] = [];
  let left = customers.length;
  const beginOne = async () => {
    while (left > 0) {
      left -= 1;
      await begin(customerAt(left)).catch((error: Error) => void failed.push(error.message));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, beginOne));
  return { kind: "held", failed };
}

async function bare({ ground, sessions }: Extract<CustomersOrder, { readonly kind: "bare" }>): Promise<CustomersWord> {
  const setter = await BareSetter.open(ground);
  const echoed: number[] = [];
  const { endpoint, echo: behind } = ground;
  const failed = await openLoop(sessions, undefined, async (index) => {
    const { wire } = customerAt(index);
    const address = ipAddress(`10.91.${((index + 256) >> 8) & 255}.${index & 255}`);
    const publicKey = Buffer.from(wire.keys.publicKey).toString("base64");
    const asked = performance.now();
    await setter.set({ publicKey, address });
    const peerKey = Buffer.from(ground.publicKey, "base64");
    const at = { address: ipAddress(endpoint.address), port: endpoint.port };
    await wire.connect({ endpoint: at, peerKey, address }, patience);
    await wire.echo({ address: ipAddress(behind.address), port: behind.port }, patience);
    echoed.push(performance.now() - asked);
  });
  return { kind: "bared", echoed, failed };
}

/** Without a rate one after another; with one each at its time, whatever became of those before. */
async function openLoop(
  count: number,
  perSecond: number | undefined,
  act: (index: number) => Promise<void>,
): Promise<readonly string[]> {
  const failed: string[] = [];
  const attempt = (index: number) => act(index).catch((error: Error) => void failed.push(error.message));
  if (perSecond === undefined) {
    for (let index = 0; index < count; index += 1) await attempt(index);
    return failed;
  }
  const open: Promise<void>[] = [];
  const began = performance.now();
  for (let index = 0; index < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - began) * perSecond) / 1_000) + 1);
    for (; index < due; index += 1) open.push(attempt(index));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
  return failed;
}

function customerAt(index: number): Customer {
  const customer = customers[index % customers.length];
  if (customer === undefined) throw new Error("there are no customers");
  return customer;
}

function placeOf({ endpoint, publicKey, presharedKey, addresses }: Place) {
  const at = parseHostPort(endpoint);
  const address = addresses.find((text) => !text.includes(":"));
  if (at === undefined || address === undefined) throw new Error(`the place ${endpoint} cannot be used`);
  return {
    endpoint: { address: ipAddress(at.host), port: at.port },
    peerKey: Buffer.from(publicKey, "base64"),
    address: ipAddress(address),
    ...(presharedKey === undefined ? {} : { presharedKey: Buffer.from(presharedKey, "base64") }),
  };
}
