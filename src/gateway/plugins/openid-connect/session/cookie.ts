import { OidcgwError } from '../../../../errors.js'

/** Name, `=` and value of one cookie stay within this many bytes; attributes are not counted. */
const MAX_COOKIE_BYTES = 4096
/** `session`, `session2` … `session9`. */
export const MAX_CHUNKS = 9

export interface CookieAttributes {
  readonly domain: string | null
  readonly path: string
  readonly sameSite: 'Default' | 'Lax' | 'None' | 'Strict'
  readonly secure: boolean
  readonly httpOnly: boolean
}

/**
 * The values sent under one name, in the order sent. Names are compared byte for byte: only space and tab around them are dropped,
 * so that no Unicode space, quote or `$Version` passes for the name (G-124).
 */
export function cookieValues(field: string | undefined, name: string): readonly string[] {
  if (field === undefined || !field.includes(name)) return []
  const values: string[] = []
  for (const pair of field.split(';')) {
    const equals = pair.indexOf('=')
    if (equals >= 0 && trimOws(pair.slice(0, equals)) === name) values.push(trimOws(pair.slice(equals + 1)))
  }
  return values
}

const trimOws = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')

/** Name of the nth piece, counted from 1: the first has no number. */
export const chunkName = (name: string, index: number): string => (index === 1 ? name : `${name}${index}`)

/**
 * Cuts a value over as many cookies as it needs.
 *
 * @throws {OidcgwError} `ERR_STORE` when nine are not enough.
 */
export function splitValue(name: string, value: string): readonly (readonly [name: string, value: string])[] {
  const chunks: (readonly [string, string])[] = []
  for (let index = 1, rest = value; rest !== ''; index += 1) {
    if (index > MAX_CHUNKS) {
      throw new OidcgwError('ERR_STORE', `cookie size limit exceeded: ${value.length} bytes do not fit ${MAX_CHUNKS} cookies`, {
        hint: 'Use session_storage: redis, or fewer and smaller tokens',
      })
    }
    const chunk = chunkName(name, index)
    const room = MAX_COOKIE_BYTES - Buffer.byteLength(chunk) - 1
    chunks.push([chunk, rest.slice(0, room)])
    rest = rest.slice(room)
  }
  return chunks
}

/** Puts pieces together again. `length` is what the authenticated header says; undefined when pieces are missing or too short. */
export function joinChunks(field: string | undefined, name: string, first: string, length: number): string | undefined {
  let value = first
  for (let index = 2; value.length < length && index <= MAX_CHUNKS; index += 1) {
    const [piece] = cookieValues(field, chunkName(name, index))
    if (piece === undefined || piece === '') return undefined
    value += piece
  }
  return value.length === length ? value : undefined
}

/** Numbers of the continuation cookies above `used` that the client still sends. */
export function staleChunks(field: string | undefined, name: string, used: number): readonly number[] {
  const stale: number[] = []
  for (let index = Math.max(2, used + 1); index <= MAX_CHUNKS; index += 1) {
    if (cookieValues(field, chunkName(name, index)).length > 0) stale.push(index)
  }
  return stale
}

/** `session=…; Path=/; SameSite=Lax; Secure; HttpOnly`, attributes in Kong's order; `maxAgeSeconds` makes it outlive the browser. */
export function formatCookie(
  name: string,
  value: string,
  attributes: CookieAttributes,
  persist?: { maxAgeSeconds: number; now: number },
): string {
  const cookie = `${name}=${value}${formatAttributes(attributes)}`
  if (!persist) return cookie
  const expires = new Date((persist.now + persist.maxAgeSeconds) * 1000).toUTCString()
  return `${cookie}; Expires=${expires}; Max-Age=${persist.maxAgeSeconds}`
}

/** Takes a cookie away: the same attributes, an end in the past. */
export function formatClearing(name: string, attributes: CookieAttributes): string {
  return `${name}=${formatAttributes(attributes)}; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0`
}

function formatAttributes({ domain, path, sameSite, secure, httpOnly }: CookieAttributes): string {
  return [
    domain ? `; Domain=${domain}` : '',
    `; Path=${path}`,
    `; SameSite=${sameSite}`,
    secure || sameSite === 'None' ? '; Secure' : '', // browsers refuse None without it
    httpOnly ? '; HttpOnly' : '',
  ].join('')
}
