import * as oauth from 'openid-client'
import { OidcgwError, type ErrorCode } from '../errors.js'
import { redactText } from '../http/redact.js'

/** What was being attempted when a library failed; decides the code where the library does not say. */
export interface Attempt {
  /** `discovery of https://idp.example`, `client_credentials`. */
  readonly what: string
  readonly stage: 'discovery' | 'token' | 'authorization' | 'introspection' | 'userinfo' | 'revocation'
  /** Said when the provider did not accept the client. */
  readonly clientHint?: string | undefined
  /** Said for `invalid_grant`, where signing in again would not help. */
  readonly grantHint?: string
}

/** openid-client's errors as ours; the one place that knows its classes. OAuth `error` and `error_description` stay as received. */
export async function translateError(cause: unknown, attempt: Attempt): Promise<unknown> {
  const own = ownError(cause)
  if (own) return own
  if (cause instanceof oauth.ResponseBodyError) return refusal(cause, attempt)
  if (cause instanceof oauth.WWWAuthenticateChallengeError) {
    const parameters = cause.cause.map((challenge) => challenge.parameters).find((found) => found.error)
    return refusal({ status: cause.status, error: parameters?.error, error_description: parameters?.error_description, cause }, attempt)
  }
  if (cause instanceof oauth.AuthorizationResponseError) return authorizationRefusal(cause, attempt)
  if (cause instanceof oauth.ClientError) return clientError(cause, attempt)
  return cause
}

/** Runs a library call and translates what it throws. */
export async function attempting<T>(attempt: Attempt, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw await translateError(cause, attempt)
  }
}

function ownError(error: unknown): OidcgwError | undefined {
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < 8; at = (at as Error).cause, depth++) {
    if (at instanceof OidcgwError) return at
  }
  return undefined
}

interface Refusal {
  readonly status: number
  readonly error?: string | undefined
  readonly error_description?: string | undefined
  readonly cause?: unknown
}

function refusal({ status, error, error_description, cause }: Refusal, { what, stage, clientHint, grantHint }: Attempt): OidcgwError {
  const said = [error ?? `HTTP ${status}`, error_description].filter(Boolean).join(': ')
  const bearer = stage === 'userinfo'
  const client =
    !bearer && (error === 'invalid_client' || error === 'unauthorized_client' || (!error && (status === 401 || status === 403)))
  const code: ErrorCode = status >= 500 ? 'ERR_PROVIDER_RESPONSE' : client ? 'ERR_CLIENT_REFUSED' : 'ERR_GRANT_REFUSED'
  const hint = client
    ? (clientHint ?? 'Check client id, secret and authentication method')
    : ((error === 'invalid_grant' ? grantHint : undefined) ?? HINTS[error ?? ''])
  return new OidcgwError(code, `${what}: the provider said ${said}`, {
    cause,
    ...(hint && { hint }),
    ...(error && { error }),
    ...(error_description && { error_description }),
  })
}

const HINTS: Readonly<Record<string, string>> = {
  invalid_scope: 'Check the scope in the profile against what the client may ask for',
  invalid_target: 'The provider does not know this audience or resource',
  unsupported_grant_type: 'The client may not use this grant; enable it at the provider or choose another',
  invalid_grant: 'It was used, revoked or has expired; sign in again with: oidcgw login',
  unmet_authentication_requirements: 'The provider could not authenticate the person as strongly as asked (RFC 9470)',
}

function authorizationRefusal({ error, error_description, cause }: oauth.AuthorizationResponseError, { what }: Attempt): OidcgwError {
  const said = [error, error_description].filter(Boolean).join(': ')
  const person = ['access_denied', 'login_required', 'consent_required', 'interaction_required', 'account_selection_required']
  return new OidcgwError(person.includes(error) ? 'ERR_LOGIN_DENIED' : 'ERR_GRANT_REFUSED', `${what}: the provider said ${said}`, {
    cause,
    error,
    ...(error_description && { error_description }),
    ...(HINTS[error] && { hint: HINTS[error] }),
  })
}

async function clientError(error: oauth.ClientError, attempt: Attempt): Promise<OidcgwError> {
  const { what, stage } = attempt
  const { cause } = error
  const response = responseIn(cause)
  if (response) return unexpectedAnswer(response, error, attempt)
  const byCode: Readonly<Record<string, ErrorCode>> = {
    OAUTH_HTTP_REQUEST_FORBIDDEN: 'ERR_INSECURE_TRANSPORT',
    OAUTH_TIMEOUT: 'ERR_NETWORK_TIMEOUT',
    OAUTH_ABORT: 'ERR_ABORTED',
    OAUTH_UNSUPPORTED_OPERATION: 'ERR_UNSUPPORTED',
  }
  const code =
    byCode[error.code ?? ''] ??
    (stage === 'discovery' ? 'ERR_PROVIDER_METADATA' : stage === 'introspection' ? 'ERR_PROVIDER_RESPONSE' : 'ERR_LOGIN_RESPONSE')
  return new OidcgwError(code, `${what}: ${reasonOf(error)}`, { cause: error, ...hintFor(error) })
}

/** `cause` may be the Response itself or one error further down. */
function responseIn(cause: unknown): Response | undefined {
  if (cause instanceof Response) return cause
  const inner = (cause as { cause?: unknown } | undefined)?.cause
  return inner instanceof Response ? inner : undefined
}

async function unexpectedAnswer(response: Response, cause: Error, { what, stage, clientHint }: Attempt): Promise<OidcgwError> {
  const { status } = response
  const type = response.headers.get('content-type')?.split(';')[0] ?? 'no content type'
  const start = response.bodyUsed ? '' : (await response.text().catch(() => '')).replace(/\s+/g, ' ').trim().slice(0, 60)
  const message = `${what}: unexpected answer, HTTP ${status}, ${type}${start ? `: ${redactText(start)}` : ''}`
  if (stage === 'discovery') {
    return new OidcgwError(status >= 500 ? 'ERR_PROVIDER_RESPONSE' : 'ERR_PROVIDER_METADATA', message, {
      cause,
      hint: 'Check the issuer URL; its metadata lives under /.well-known/openid-configuration',
    })
  }
  if (status === 401 || status === 403) {
    return new OidcgwError('ERR_CLIENT_REFUSED', message, {
      cause,
      hint: clientHint ?? 'Check client id, secret and authentication method',
    })
  }
  return new OidcgwError('ERR_PROVIDER_RESPONSE', message, { cause })
}

function reasonOf(error: oauth.ClientError): string {
  const cause = error.cause as
    { message?: string; code?: string; cause?: unknown; expected?: unknown; body?: { issuer?: unknown } } | undefined
  const compared = (cause?.cause ?? cause) as
    { expected?: unknown; attribute?: string; claim?: string; body?: Record<string, unknown>; claims?: Record<string, unknown> } | undefined
  const name = compared?.attribute ?? compared?.claim
  if (name && compared?.expected !== undefined) {
    const actual = compared.body?.[name] ?? compared.claims?.[name]
    if (name !== 'nonce' && name !== 'state') return `${name}: expected ${show(compared.expected)}, got ${show(actual)}`
  }
  return [error.message, cause?.message].filter((text, index, all) => text && all.indexOf(text) === index).join(': ')
}

const show = (value: unknown): string => (value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value))

function hintFor(error: oauth.ClientError): { hint?: string } {
  if (error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') {
    return { hint: 'Write the issuer exactly as its metadata does (localhost and 127.0.0.1 differ)' }
  }
  return error.code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'
    ? { hint: 'Compare the clocks, or allow a difference with --clock-tolerance' }
    : {}
}
