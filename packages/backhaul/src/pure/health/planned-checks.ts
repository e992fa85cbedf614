/** Which questions a path is asked, of whom: two targets, its own resolvers, the check page, a full-size packet, its gateway. */
import { uplinkMark } from "@ropewalk/host/allocations";
import { familyOf, type IpAddress, isLinkLocal, isLoopback, parseIpAddress } from "@ropewalk/kernel/addresses";
import { type Bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { CheckRole, PlannedCheck } from "./checks.ts";
import { evenSpread } from "./even-spread.ts";
import type { DnsCheck, HttpCheck, ProbeConfig, ProbeTarget, ProfileConfig } from "./health-config.ts";
import type { ProbePath, ProbeQuestion } from "./probe.ts";
import { checkInterval, isFrequent } from "./schedule.ts";
import { labelOf } from "./target-health.ts";

export interface CheckSubjects {
  readonly path: ProbePath;
  /** Of the path's family, those that are pulsed first. */
  readonly targets: readonly ProbeTarget[];
  readonly resolvers: readonly IpAddress[];
}

/** Long enough for a queue of two seconds on each of a check's round trips, and for a resolver that takes three. */
const limits = {
  echo: seconds(4),
  tcp: seconds(7),
  dns: seconds(6),
  tls: seconds(10),
  http: seconds(12),
  mtu: seconds(15),
};
const most = { targets: 2, resolvers: 2 };

export function plannedChecks(
  { path, targets, resolvers }: CheckSubjects,
  probe: ProbeConfig,
  profile: ProfileConfig,
): readonly PlannedCheck[] {
  const asked = targets.slice(0, most.targets);
  const own = askable(resolvers, path);
  const plan = (role: CheckRole, label: string, question: ProbeQuestion, delay: number): PlannedCheck => ({
    key: `${question.kind} ${"transport" in question ? `${question.transport} ` : ""}${label}`,
    kind: question.kind,
    label,
    role,
    question,
    limit: limits[question.kind],
    interval: checkInterval(question.kind, profile),
    phase: phaseOf(path, profile, delay),
    delay: millis(delay),
  });
  const [first] = asked;
  return [
    ...(path.gateway === null
      ? []
      : [plan("gateway", `gateway ${path.gateway}`, { kind: "echo", target: path.gateway }, 0)]),
    ...asked.map((target) => plan("target", labelOf(target), tcpQuestion(target), 0)),
    ...(probe.dns === undefined ? [] : dnsPlans(plan, own, probe.dns, path)),
    ...tlsPlans(plan, asked),
    ...pagePlans(plan, own, probe.http, path),
    ...(first === undefined
      ? []
      : [plan("target", labelOf(first), { kind: "mtu", target: first.address, size: sizeOf(path) }, 500)]),
  ];
}

/**
 * The handshakes of sixteen uplinks at one moment would keep this process from hearing anything for a tenth of a second. Where a
 * round is rare there is little to spread, and each asking costs.
 */
function phaseOf({ mark, family }: ProbePath, profile: ProfileConfig, delay: number): Millis | undefined {
  const place = 2 * (mark / uplinkMark(1)) + (family === "ipv4" ? 0 : 1);
  return isFrequent(profile) ? millis(evenSpread(place) * profile.cycle + delay) : undefined;
}

type Plan = (role: CheckRole, label: string, question: ProbeQuestion, delay: number) => PlannedCheck;

/** TCP is tried when UDP is not answered, to tell which of the two is blocked. */
function dnsPlans(plan: Plan, own: readonly IpAddress[], { name }: DnsCheck, path: ProbePath): readonly PlannedCheck[] {
  const record = path.family === "ipv4" ? "A" : "AAAA";
  const question = (resolver: IpAddress, transport: "udp" | "tcp") =>
    ({ kind: "dns", resolver, transport, name, record }) as const;
  const [first] = own;
  return [
    ...own.map((resolver) => plan("resolver", `resolver ${resolver}`, question(resolver, "udp"), 50)),
    ...(first === undefined ? [] : [plan("fallback", `resolver ${first}`, question(first, "tcp"), 50)]),
  ];
}

function tlsPlans(plan: Plan, targets: readonly ProbeTarget[]): readonly PlannedCheck[] {
  const able = targets.filter((target) => target.tlsName !== undefined);
  return able.map((target, index) => {
    const { address, port, tlsName: serverName = "" } = target;
    const question = { kind: "tls", target: address, port, serverName } as const;
    return plan(index === 0 ? "target" : "fallback", labelOf(target), question, 150);
  });
}

export function tcpQuestion({ address, port }: ProbeTarget): ProbeQuestion {
  return { kind: "tcp", target: address, port };
}

/** Of the path's family, and beyond this machine: a stub on loopback asks by whatever uplink it likes. */
function askable(resolvers: readonly IpAddress[], { family }: ProbePath): readonly IpAddress[] {
  const able = resolvers.filter(
    (resolver) => familyOf(resolver) === family && !isLoopback(resolver) && !isLinkLocal(resolver),
  );
  return able.slice(0, most.resolvers);
}

/** Its host is an address of the path's family, or a name that one of its resolvers may know; else it is not asked for. */
function pagePlans(
  plan: Plan,
  own: readonly IpAddress[],
  page: HttpCheck | undefined,
  { family }: ProbePath,
): readonly PlannedCheck[] {
  if (page === undefined) return [];
  const address = addressIn(page.url);
  const canFind = address === undefined ? own.length > 0 : familyOf(address) === family;
  const resolvers = address === undefined ? own : [];
  return canFind ? [plan("page", page.url, { kind: "http", ...page, resolvers }, 250)] : [];
}

/** The host of a plain http URL, when it is an address. */
function addressIn(url: string): IpAddress | undefined {
  const [, bracketed, plain] = /^http:\/\/(?:\[([^\]]*)\]|([^/:?#]*))/.exec(url) ?? [];
  return parseIpAddress(bracketed ?? plain ?? "");
}

/** The largest packet that Ethernet takes; a jumbo frame says nothing of the internet. */
const largest = 1_500;

function sizeOf({ mtu }: ProbePath): Bytes {
  return Math.min(mtu, largest) as Bytes;
}
