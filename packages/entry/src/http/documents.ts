/** What the control and the tables tell, as it is told over HTTP. */
import type {
  AdminSessionDocument,
  AuditDocument,
  CustomerDocument,
  DeviceDocument,
  PlaceDocument,
  SessionDocument,
  ToldSessionDocument,
} from "@ropewalk/api/entry";
import type { NodeDocument, NodeStatusDocument } from "@ropewalk/api/entry-nodes";
import type { NoNodeReasons } from "@ropewalk/api/entry-problem";
import type { Millis } from "@ropewalk/kernel/units";
import type { AuditRow } from "../io/audit.ts";
import type { CustomerRow } from "../io/customers.ts";
import type { DeviceRow } from "../io/devices.ts";
import type { PresharedKeys } from "../preshared-keys.ts";
import type { ChoiceExplanation } from "../pure/choice-explanation.ts";
import type { NodeView, SessionPlace, SessionView } from "../vpn-control.ts";

export function customerDocument({ id, created_at, closed_at }: CustomerRow): CustomerDocument {
  return { id, createdAt: created_at.toISOString(), closedAt: closed_at?.toISOString() ?? null };
}

export function deviceDocument({ id, name, public_key, created_at }: DeviceRow): DeviceDocument {
  return { id, name, publicKey: base64(public_key), createdAt: created_at.toISOString() };
}

/** For its customer alone. */
export function sessionDocument(view: SessionView, presharedKeys: PresharedKeys): SessionDocument {
  const { place } = view;
  if (place === undefined) return { ...toldSession(view), place: null };
  const presharedKey = base64(presharedKeys.of(place.placement));
  return { ...toldSession(view), place: { ...placeDocument(place), presharedKey } };
}

export function adminSessionDocument(view: SessionView): AdminSessionDocument {
  const { customer: customerId, place } = view;
  const told = place === undefined ? null : placeDocument(place);
  return { ...toldSession(view), place: told, customerId, nodeId: place?.node ?? null };
}

function toldSession({ id, device, state, createdAt }: SessionView): ToldSessionDocument {
  return { id, deviceId: device, state, createdAt: new Date(createdAt).toISOString() };
}

function placeDocument(place: SessionPlace): PlaceDocument {
  const { nodeName, region, country = null, city = null, endpoint, publicKey, addresses } = place;
  return { nodeName, region, country, city, endpoint, publicKey: base64(publicKey), addresses };
}

export function nodeDocument(view: NodeView): NodeDocument {
  const { id, name, roles, admission, region, country = null, city = null, pool, capacity, placements } = view;
  return {
    id,
    name,
    roles,
    admission,
    region,
    country,
    city,
    pool,
    endpoint: view.endpoint ?? null,
    capacity,
    placements,
  };
}

/** `freshness`: for how long a heartbeat counts. */
export function nodeStatusDocument(view: NodeView, freshness: Millis): NodeStatusDocument {
  const { id, name, heartbeatAge, isHealthy, troubles, activePeers, placements } = view;
  return {
    ...{ id, name, isHealthy, troubles, activePeers, placements },
    source: heartbeatAge === undefined ? "never-told" : "last-told",
    heartbeatAgeMs: heartbeatAge ?? null,
    isFresh: heartbeatAge !== undefined && heartbeatAge <= freshness,
    version: view.version ?? null,
  };
}

export function auditDocument({ id, at, actor_kind, actor, action, subject, details }: AuditRow): AuditDocument {
  return { id, at: at.toISOString(), actorKind: actor_kind, actor, action, subject, details };
}

export function noNodeReasons(why: ChoiceExplanation): NoNodeReasons {
  switch (why.kind) {
    case "nodes":
      return { nodes: why.refused.map(({ id, refusal }) => ({ id, reason: refusal.kind })) };
    case "regions":
      return { regions: Object.fromEntries(why.reasons) };
    case "hinted-node":
      return {};
  }
}

/** As WireGuard's own programs write keys. */
function base64(octets: Uint8Array): string {
  return Uint8Array.from(octets).toBase64();
}
