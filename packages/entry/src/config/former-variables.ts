/** The variables by which the control plane was set that Ropewalk takes the place of: each with the key that it sets, or why there is none. */

export const formerVariables: Readonly<Record<string, string>> = {
  APP_ENV: "environment",
  DATABASE_URL: "database.url",
  ENTRY_BIND_ADDR: "http.listen",
  ADMIN_API_TOKEN: "admin.keys",
  APP_JWT_SIGNING_KEYS: "tokens.keys",
  APP_JWT_ACTIVE_KID: "tokens.active_kid",
  APP_NODE_FRESHNESS_SECS: "nodes.freshness_secs",
  CORE_GRPC_TLS_CA_CERT_PATH: "nodes.authorities",
  CORE_GRPC_TLS_CLIENT_CERT_PATH: "nodes.certificate",
  CORE_GRPC_TLS_CLIENT_KEY_PATH: "nodes.key",
};

const always = "there is nothing to set: entry and nodes always prove themselves by certificates";
const noLogin = "there is no login yet: an admin makes customers and signs their tokens";
const retention = "there is nothing to set yet: the audit is kept, and sessions that are over are kept for seven days";

export const refusedVariables: Readonly<Record<string, string>> = {
  APP_REQUIRE_CORE_TLS: always,
  CORE_GRPC_URL: "there is nothing to set: each node tells where it is reached with its heartbeats",
  CORE_GRPC_TLS_DOMAIN: "there is nothing to set: each node is known by its own name",
  APP_JWT_SIGNING_KEY: "is now ROPEWALK_ENTRY_TOKENS_KEYS, kid:secret",
  APP_ALLOW_LEGACY_CUSTOMER_HEADER: "there is nothing to set: whoever asks is known by his token, and by no header",
  APP_REQUIRE_OAUTH_NONCE: noLogin,
  APP_REQUIRE_OAUTH_PKCE: noLogin,
  GOOGLE_OIDC_CLIENT_ID: noLogin,
  GOOGLE_OIDC_CLIENT_SECRET: noLogin,
  GOOGLE_OIDC_REDIRECT_URI: noLogin,
  APP_LOG_REDACTION_MODE: "there is nothing to set: customers, devices and keys are never written to the log",
  APP_TERMINATED_SESSION_RETENTION_DAYS: retention,
  APP_AUDIT_RETENTION_DAYS: retention,
  APP_MAX_TERMINATED_SESSION_RETENTION_DAYS: retention,
  APP_MAX_AUDIT_RETENTION_DAYS: retention,
};
