import type { ErrorCode } from '../errors.js'

export const EXIT = {
  yes: 0,
  no: 1,
  usage: 2,
  noCredential: 3,
  unreachable: 4,
  inconclusive: 5,
  needsPerson: 6,
  bug: 70,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What each way to fail means to a script. A new error code does not compile without a line here. */
export const EXIT_CODES = {
  ERR_USAGE: EXIT.usage,
  ERR_INPUT_NOT_FOUND: EXIT.usage,
  ERR_NOT_A_TOKEN: EXIT.usage,
  ERR_NOT_A_KEY: EXIT.usage,
  ERR_CONFIG_INVALID: EXIT.usage,
  ERR_CONFIG_NOT_FOUND: EXIT.usage,
  ERR_PROFILE_UNKNOWN: EXIT.usage,
  ERR_SECRET_UNAVAILABLE: EXIT.usage,
  ERR_INSECURE_TRANSPORT: EXIT.usage,
  ERR_UNSUPPORTED: EXIT.usage,
  ERR_PORT_BUSY: EXIT.usage,
  ERR_GRANT_REFUSED: EXIT.noCredential,
  ERR_CLIENT_REFUSED: EXIT.noCredential,
  ERR_LOGIN_DENIED: EXIT.noCredential,
  ERR_LOGIN_TIMEOUT: EXIT.noCredential,
  ERR_LOGIN_ABANDONED: EXIT.interrupted,
  ERR_LOGIN_RESPONSE: EXIT.noCredential,
  ERR_NO_TOKEN: EXIT.noCredential,
  ERR_NETWORK: EXIT.unreachable,
  ERR_NETWORK_TIMEOUT: EXIT.unreachable,
  ERR_TLS: EXIT.unreachable,
  ERR_PROVIDER_METADATA: EXIT.unreachable,
  ERR_PROVIDER_RESPONSE: EXIT.unreachable,
  ERR_PROVIDER_KEYS: EXIT.unreachable,
  ERR_INCONCLUSIVE: EXIT.inconclusive,
  ERR_STORE: EXIT.inconclusive,
  ERR_NEEDS_PERSON: EXIT.needsPerson,
  ERR_ABORTED: EXIT.interrupted,
} satisfies Record<ErrorCode, ExitCode>

/** When several apply: a proven hole is never hidden behind an unreachable host. */
const PRECEDENCE: readonly ExitCode[] = [
  EXIT.bug,
  EXIT.interrupted,
  EXIT.usage,
  EXIT.needsPerson,
  EXIT.no,
  EXIT.noCredential,
  EXIT.unreachable,
  EXIT.inconclusive,
]

export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes)
  return PRECEDENCE.find((code) => seen.has(code)) ?? EXIT.yes
}
