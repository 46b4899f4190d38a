import { OidcgwError } from '../errors.js'
import { readCompactJwt, type ReadOptions } from './compact.js'
import type { DecodedJwt } from './types.js'

/**
 * Reads a compact JWT. Nothing is verified: what comes back is only what the token *says*.
 *
 * Strict where readers could disagree: three parts, canonical base64url, UTF-8 JSON objects without duplicate members.
 *
 * @throws {OidcgwError} `ERR_NOT_A_TOKEN`; the message never contains the text.
 * @see RFC 7515 §7.1, RFC 7519 §7.2
 */
export function decodeJwt(token: string, options?: ReadOptions): DecodedJwt {
  const { value, problem } = readCompactJwt(token, options)
  if (problem === undefined) return value
  throw new OidcgwError('ERR_NOT_A_TOKEN', `not a JWT: ${problem}`, {
    hint: 'A JWT is three base64url parts with dots between them; an opaque token can be read with oidcgw introspect',
  })
}
