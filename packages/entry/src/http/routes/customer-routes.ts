/** What customers ask: their devices and their session. Whose it is says the token, and nothing in the request. */
import {
  deviceSchema,
  devicesSchema,
  endedSchema,
  newDeviceSchema,
  sessionSchema,
  startedSchema,
  startSchema,
  wishSchema,
} from "@ropewalk/api/entry-schema";
import { sha256 } from "@ropewalk/crypto/sha256";
import type { Devices } from "../../io/devices.ts";
import { mostDevices } from "../../io/devices.ts";
import type { PresharedKeys } from "../../preshared-keys.ts";
import { readDeviceKey } from "../../pure/http/device-key.ts";
import type { SessionId } from "../../pure/vpn-session.ts";
import type { DeviceId, StartOutcome, VpnControl } from "../../vpn-control.ts";
import { deviceDocument, sessionDocument } from "../documents.ts";
import { ProblemError } from "../problem-error.ts";
import { changeRoute, type Route, readRoute } from "../route.ts";
import { customerOf, placeProblem, wishOf, withId } from "./route-parts.ts";

export interface CustomerRouteDeps {
  readonly control: VpnControl;
  readonly devices: Devices;
  readonly presharedKeys: PresharedKeys;
}

const policy = "customer";

export function customerRoutes(deps: CustomerRouteDeps): readonly Route[] {
  return [...deviceRoutes(deps), ...sessionRoutes(deps)];
}

function deviceRoutes({ control, devices }: CustomerRouteDeps): readonly Route[] {
  return [
    changeRoute({
      ...{ operation: "registerDevice", method: "POST", path: "/v1/devices", policy, status: 201 },
      summary: "Registers a device by its WireGuard key, which no other device may have",
      body: newDeviceSchema,
      result: deviceSchema,
      problems: ["not-a-public-key", "public-key-taken", "too-many-devices", "customer-closed", "unknown-customer"],
      answer: async ({ body: { name, publicKey }, caller }, { secrets }) => {
        const { customer, actor } = customerOf(caller);
        const key = readDeviceKey(publicKey);
        if (key.kind === "fault") throw new ProblemError("not-a-public-key", key.reason);
        const id = secrets.id("device") as DeviceId;
        const outcome = await devices.register({ id, customer, name, publicKey: key.octets, actor });
        switch (outcome.kind) {
          case "registered":
            return deviceDocument(outcome.device);
          case "key-taken":
            throw new ProblemError("public-key-taken", "draw a new key pair: this one is a device's already");
          case "too-many":
            throw new ProblemError("too-many-devices", `a customer has ${mostDevices} at most: remove one`);
          case "customer-closed":
            throw new ProblemError("customer-closed", "the customer is closed and gets no more devices");
          case "unknown-customer":
            throw new ProblemError("unknown-customer", "the customer of this token is not there");
        }
      },
    }),
    readRoute({
      ...{ operation: "listDevices", method: "GET", path: "/v1/devices", policy },
      summary: "The customer's devices",
      result: devicesSchema,
      problems: [],
      answer: async ({ caller }) => {
        const rows = await devices.list(customerOf(caller).customer);
        return { devices: rows.map(deviceDocument) };
      },
    }),
    changeRoute({
      ...{ operation: "removeDevice", method: "DELETE", path: "/v1/devices/{id}", policy },
      summary: "Removes a device, and ends the session that it has",
      params: withId,
      problems: ["unknown-device"],
      answer: async ({ params, caller, signal }) => {
        const { customer, actor } = customerOf(caller);
        if (!(await devices.remove(params.id as DeviceId, customer, actor)))
          throw new ProblemError("unknown-device", "the customer has no such device");
        const current = await control.current(customer);
        if (current?.device === params.id) await control.end(current.id, customer, actor, signal);
        return undefined;
      },
    }),
  ];
}

function sessionRoutes({ control, presharedKeys }: CustomerRouteDeps): readonly Route[] {
  return [
    changeRoute({
      ...{ operation: "startSession", method: "POST", path: "/v1/sessions/start", policy, status: 201 },
      summary: "Begins a session, or comes back to it: answered when a node has the device as its peer",
      body: startSchema,
      result: startedSchema,
      problems: ["unknown-device", "session-exists", "session-key-reused", "no-node", "node-refused", "node-silent"],
      answer: async ({ body, caller, signal }, { secrets }) => {
        const { customer, actor } = customerOf(caller);
        const reconnectKey = secrets.reconnectKey();
        const former = body.reconnectKey;
        const outcome = await control.start({
          ...{ customer, actor, signal, device: body.deviceId as DeviceId, wish: wishOf(body) },
          reconnectHash: sha256(reconnectKey),
          ...(former === undefined ? {} : { formerReconnectHash: sha256(fromBase64url(former)) }),
        });
        if (outcome.kind !== "active") throw startProblem(outcome);
        const told = reconnectKey.toBase64({ alphabet: "base64url", omitPadding: true });
        return { session: sessionDocument(outcome.session, presharedKeys), reconnectKey: told };
      },
    }),
    readRoute({
      ...{ operation: "currentSession", method: "GET", path: "/v1/sessions/current", policy },
      summary: "The customer's session that is not over",
      result: sessionSchema,
      problems: ["no-session"],
      answer: async ({ caller }) => {
        const session = await control.current(customerOf(caller).customer);
        if (session === undefined) throw new ProblemError("no-session", "the customer has no session");
        return sessionDocument(session, presharedKeys);
      },
    }),
    changeRoute({
      ...{ operation: "endSession", method: "POST", path: "/v1/sessions/{id}/terminate", policy },
      summary: "Ends a session",
      params: withId,
      result: endedSchema,
      problems: ["unknown-session"],
      answer: async ({ params, caller, signal }) => {
        const { customer, actor } = customerOf(caller);
        const outcome = await control.end(params.id as SessionId, customer, actor, signal);
        if (outcome.kind !== "terminated")
          throw new ProblemError("unknown-session", "the customer has no such session");
        return { session: sessionDocument(outcome.session, presharedKeys), isConfirmed: outcome.isConfirmed };
      },
    }),
    changeRoute({
      ...{ operation: "moveSession", method: "POST", path: "/v1/sessions/{id}/move", policy },
      summary: "Moves a session to another node, make before break",
      params: withId,
      body: wishSchema,
      result: sessionSchema,
      problems: ["unknown-session", "not-now", "no-node", "node-refused", "node-silent"],
      answer: async ({ params, body, caller, signal }) => {
        const { customer, actor } = customerOf(caller);
        const outcome = await control.move(params.id as SessionId, customer, wishOf(body), actor, signal);
        switch (outcome.kind) {
          case "active":
            return sessionDocument(outcome.session, presharedKeys);
          case "unknown-session":
            throw new ProblemError("unknown-session", "the customer has no such session");
          case "not-now":
            throw new ProblemError("not-now", "it is not active, or is being moved: ask again with a new key");
          default:
            throw placeProblem(outcome);
        }
      },
    }),
  ];
}

function startProblem(outcome: Exclude<StartOutcome, { readonly kind: "active" }>): ProblemError {
  switch (outcome.kind) {
    case "conflict":
      return new ProblemError("session-exists", "end it first, or come back to it with its reconnect key");
    case "reused-key":
      return new ProblemError(
        "session-key-reused",
        "this reconnect key was replaced and used again, so somebody has copied it: the session was ended",
      );
    case "unknown-device":
      return new ProblemError("unknown-device", "the customer has no such device");
    default:
      return placeProblem(outcome);
  }
}

function fromBase64url(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
