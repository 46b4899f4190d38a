import { createHash } from 'node:crypto'

/** First 6, last 4 and a short digest; under 40 characters only the digest, so that a short secret shows nothing of itself. */
export function maskToken(token: string): string {
  const digest = createHash('sha256').update(token).digest('hex').slice(0, 8)
  return token.length < 40 ? `[sha256:${digest}]` : `${token.slice(0, 6)}…${token.slice(-4)} [sha256:${digest}]`
}

/** Secrets, codes, verifiers and cookies never show a character. */
export const MASKED = '[masked]'

const SECRET_PARAMETERS = new Set([
  'access_token',
  'assertion',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'device_code',
  'id_token',
  'id_token_hint',
  'logout_token',
  'nonce',
  'password',
  'refresh_token',
  'request',
  'response',
  'state',
  'subject_token',
  'actor_token',
  'token',
  'user_code',
])

const SECRET_HEADERS = new Set([
  'access-token',
  'authorization',
  'cookie',
  'dpop',
  'proxy-authorization',
  'refresh-token',
  'set-cookie',
  'x-access-token',
  'x-id-token',
  'x-refresh-token',
])

export const isSecretParameter = (name: string): boolean => SECRET_PARAMETERS.has(name.toLowerCase())

/** A URL that may be shown: values of secret parameters masked, in query and fragment, and no user information. */
export function redactUrl(url: string | URL): string {
  const shown = new URL(url)
  shown.username = shown.password = ''
  shown.search = redactForm(shown.search.slice(1))
  shown.hash = redactForm(shown.hash.slice(1))
  return shown.href
}

/** The same for `a=b&c=d` text; order and the other values stay as they are. */
export function redactForm(text: string): string {
  return text.replace(/([^&=]+)=([^&]*)/g, (whole, name: string) => (isSecretParameter(decode(name)) ? `${name}=${MASKED}` : whole))
}

/** A header value that may be shown: `Bearer eyJhbG…Abcd [sha256:…]`, `Basic [masked]`, cookie names without values. */
export function redactHeader(name: string, value: string): string {
  const lower = name.toLowerCase()
  if (lower === 'location') return redactText(value)
  if (!SECRET_HEADERS.has(lower)) return redactText(value)
  const [scheme, ...rest] = value.split(' ')
  if (lower.endsWith('authorization') && rest.length > 0) {
    return /^(bearer|dpop)$/i.test(scheme ?? '') ? `${scheme} ${maskToken(rest.join(' '))}` : `${scheme} ${MASKED}`
  }
  if (lower === 'cookie') return value.replace(/=[^;]*/g, `=${MASKED}`)
  if (lower === 'set-cookie') return value.replace(/=[^;]*/, `=${MASKED}`)
  return maskToken(value)
}

const JWT_LIKE = /\beyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){2,4}/g
const SECRET_IN_TEXT = /([?&#]|\b)([A-Za-z_]+)=([^&\s"'<>]+)/g

/** Free text with anything that looks like a token or a secret parameter masked. The last net, not the first. */
export function redactText(text: string): string {
  return text
    .replace(JWT_LIKE, (token) => maskToken(token))
    .replace(SECRET_IN_TEXT, (whole, lead: string, name: string) => (isSecretParameter(name) ? `${lead}${name}=${MASKED}` : whole))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
