import { formatChallenge } from '../../../http/challenge.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { ReasonCode } from '../../../trace/reason.js'
import { byPosition } from '../../provider/pairs.js'
import type { Exchange, Reply } from '../plugin.js'
import { clientIndexOf } from './client-choice.js'
import {
  displayedError,
  FORBIDDEN_CHECK_STATUS,
  MISS_ERROR,
  realmOf,
  REDIRECT_BODY,
  REJECTED_TOKEN_ERROR,
  SENDS_ERROR_DESCRIPTION,
} from './unconfirmed.js'

/** Why a request is not let through. */
export interface Refusal {
  readonly reason: ReasonCode
  /** For the trace, the log and `display_errors`. Never a token. */
  readonly detail?: string
  /** Also shown in the challenge: fields of RFC 9449 and the like. */
  readonly challenge?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Of the challenge. Default Bearer. */
  readonly scheme?: 'DPoP'
}

interface Row {
  readonly status: 401 | 403 | 500 | 503
  /** RFC 6750 §3.1 error code; none means realm only. */
  readonly error?: string
}

const FORBIDDEN: Row = { status: FORBIDDEN_CHECK_STATUS, error: 'insufficient_scope' }
const REJECTED: Row = { status: 401, error: REJECTED_TOKEN_ERROR }
const REALM_ONLY: Row = { status: 401 }
const MISS: Pick<Row, 'error'> = MISS_ERROR === undefined ? {} : { error: MISS_ERROR }

/** The outcome table (section 2.4); what is not listed is a rejected credential. */
const ROWS: Partial<Record<ReasonCode, Row>> = {
  no_credential: REALM_ONLY,
  credential_unusable: REALM_ONLY,
  discovery_failed: { status: 401, ...MISS },
  idp_unreachable: { status: 401, ...MISS },
  state_mismatch: REALM_ONLY,
  iss_mismatch: REALM_ONLY,
  idp_error: REALM_ONLY,
  callback_no_cookie: REALM_ONLY,
  session_invalid: REALM_ONLY,
  session_expired_idle: REALM_ONLY,
  session_expired_rolling: REALM_ONLY,
  session_expired_absolute: REALM_ONLY,
  scope_missing: FORBIDDEN,
  audience_missing: FORBIDDEN,
  group_missing: FORBIDDEN,
  role_missing: FORBIDDEN,
  issuer_not_allowed: FORBIDDEN,
  claim_forbidden: FORBIDDEN,
  consumer_claim_missing: { status: 403, ...MISS },
  consumer_not_found: { status: 403, ...MISS },
  consumer_group_not_found: { status: FORBIDDEN_CHECK_STATUS, ...MISS },
  anonymous_not_found: { status: 500 },
  internal_error: { status: 500 },
  session_store_down: { status: 503 },
}

export const statusOf = ({ reason }: Refusal): Row['status'] => (ROWS[reason] ?? REJECTED).status

const UNEXPECTED = 'An unexpected error occurred'

/** The answer to a refusal: compact JSON and a challenge, or the redirect that the configuration puts in its place. */
export function refusalReply(refusal: Refusal, exchange: Exchange, config: OpenIdConnectConfig): Reply {
  const { status, error } = ROWS[refusal.reason] ?? REJECTED
  const index = clientIndexOf(exchange)
  const target = byPosition(redirectsFor(status, config), index)
  if (target !== undefined) return redirectReply(target, refusal.reason)
  const message = messageFor(status, config)
  const shown = config.display_errors ? displayedError(message, refusal.detail ?? refusal.reason) : message
  const challenge = formatChallenge(refusal.scheme ?? 'Bearer', {
    realm: realmOf(config.issuer),
    ...(config.expose_error_code && error !== undefined && { error }),
    ...(SENDS_ERROR_DESCRIPTION && refusal.detail !== undefined && { error_description: refusal.detail }),
    ...refusal.challenge,
  })
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(status < 500 && { 'www-authenticate': challenge }),
      ...refusal.headers,
    },
    body: JSON.stringify({ message: shown }),
    reason: refusal.reason,
  }
}

function redirectsFor(status: Row['status'], config: OpenIdConnectConfig): readonly string[] | null {
  if (status === 401) return config.unauthorized_redirect_uri
  if (status === 403) return config.forbidden_redirect_uri
  return status === 500 ? config.unexpected_redirect_uri : null
}

function messageFor(status: Row['status'], config: OpenIdConnectConfig): string {
  if (status === 401) return config.unauthorized_error_message
  return status === 403 ? config.forbidden_error_message : UNEXPECTED
}

/** A 302 (U28: with an empty body). */
export const redirectReply = (location: string, reason?: ReasonCode): Reply => ({
  status: 302,
  headers: { location },
  body: REDIRECT_BODY,
  ...(reason && { reason }),
})
