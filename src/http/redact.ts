import { createHash } from 'node:crypto'
import type { HttpRequest } from '../host.js'

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
  return redactNested(
    text.replace(/([^&=]+)=([^&]*)/g, (whole, name: string) => (isSecretParameter(decode(name)) ? `${name}=${MASKED}` : whole)),
  )
}

/** An address inside a parameter: `return_to=https%3A%2F%2Fapp%2Fcb%3Fcode%3D…`. */
const NESTED_PARAMETER = /(%(?:3F|26|23))([A-Za-z_]+)%3D((?:(?!%26|%23)[^&\s"'<>])+)/gi

const redactNested = (text: string): string =>
  text.includes('%')
    ? text.replace(NESTED_PARAMETER, (whole, lead: string, name: string) =>
        isSecretParameter(name) ? `${lead}${name}%3D${MASKED}` : whole,
      )
    : text

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
/** `Bearer …` and the like; what follows is a credential when it looks like no word. */
const CREDENTIAL_IN_TEXT = /\b(Basic|Bearer|DPoP) (?![\w-]+=[^=\s])([\w.~+/-]{8,}=*)/gi
/** A member of JSON, escaped or not. Names that have another meaning elsewhere (`code`, `state`) are left to who knows what the JSON is. */
const MEMBER_IN_TEXT =
  /((\\?")(?:[a-z_]+_token|assertion|client_assertion|client_secret|code_verifier|device_code|password)\2\s*:\s*\2)(?:(?!\2).)+/gi
/** A hidden field of a form, which is how `form_post` carries an answer. */
const FIELD_IN_TEXT = /(<input\b[^>]{0,200}?\bname="([A-Za-z_]+)"[^>]{0,200}?\bvalue=")[^"]+/gi

/** Free text with anything that looks like a token or a secret parameter masked. The last net, not the first. */
export function redactText(text: string): string {
  return redactNested(
    text
      .replace(JWT_LIKE, (token) => maskToken(token))
      .replace(CREDENTIAL_IN_TEXT, (whole, scheme: string, credential: string) =>
        /[^a-z_-]/.test(credential.slice(1)) ? `${scheme} ${MASKED}` : whole,
      )
      .replace(MEMBER_IN_TEXT, `$1${MASKED}`)
      .replace(FIELD_IN_TEXT, (whole, start: string, name: string) => (isSecretParameter(name) ? start + MASKED : whole))
      .replace(SECRET_IN_TEXT, (whole, lead: string, name: string) => (isSecretParameter(name) ? `${lead}${name}=${MASKED}` : whole)),
  )
}

/** Shorter values are left alone: taking them out would tear ordinary words apart. */
const KNOWN_MIN_LENGTH = 8

/** Takes values that are known to be secret out of a text; of two the longer one first, for it may hold the other. */
export function maskKnown(secrets: Iterable<string>): (text: string) => string {
  const known = [...new Set(secrets)].filter(({ length }) => length >= KNOWN_MIN_LENGTH).toSorted((a, b) => b.length - a.length)
  return (text) => known.reduce((shown, secret) => shown.replaceAll(secret, MASKED), text)
}

/** What a request carries and an answer must not repeat: credentials of its Authorization, values of secret parameters in query and form. */
export function secretsOf({ url, headers = {}, body }: Pick<HttpRequest, 'url' | 'headers' | 'body'>): string[] {
  const authorization = Object.entries(headers).flatMap(([name, value]) => (name.toLowerCase() === 'authorization' ? [value].flat() : []))
  const form = new URLSearchParams(body === undefined ? '' : String(body as string | URLSearchParams))
  return [
    ...authorization.flatMap((value) => credentialsOf(value)),
    ...[...url.searchParams, ...form].flatMap(([name, value]) => (isSecretParameter(name) ? [value, encodeURIComponent(value)] : [])),
  ]
}

/** What follows the scheme and, of Basic, the password, encoded or not. */
function credentialsOf(authorization: string): string[] {
  const [scheme = '', credential = ''] = authorization.split(' ')
  if (scheme.toLowerCase() !== 'basic') return [credential]
  const [, password = ''] = Buffer.from(credential, 'base64').toString().split(/:(.*)/s)
  return [credential, password, decode(password)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
