/**
 * Makes a daemon of the tunnel, of either role: the end itself, and around it what every daemon has. What the end tells goes to the
 * log, the metrics, the health and the event stream in the call in which it is told.
 */
import {
  type TunnelActDocument,
  type TunnelStatusDocument,
  type TunnelStreamsDocument,
  tunnelSchemaNumber,
} from "@ropewalk/api/tunnel";
import type { TunnelEventDocument } from "@ropewalk/api/tunnel-events";
import { createNative, type Native } from "@ropewalk/host/linux/native";
import type { Tcp } from "@ropewalk/host/tcp";
import { seconds } from "@ropewalk/kernel/units";
import type { EventLog } from "@ropewalk/ops/event-log";
import { createOperationsHandler } from "@ropewalk/ops/http-operations";
import type { RootLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import type { ShutdownReport } from "@ropewalk/ops/shutdown";
import { parseListenPlace } from "@ropewalk/tunnel/config/listen-place";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
