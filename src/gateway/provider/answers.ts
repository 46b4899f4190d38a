import { OidcgwError } from '../../errors.js'
import type { HttpResponse } from '../../host.js'
import type { JsonObject } from '../../jwt/types.js'
import { isRecord } from './metadata.js'

/** What the token endpoint said. A refusal is an answer (RFC 6749 §5.2). */
export type TokenAnswer =
  | { readonly kind: 'tokens'; readonly response: TokenResponse; readonly headers: HttpResponse['headers'] }
  | { readonly kind: 'refused'; readonly status: number; readonly error?: string; readonly error_description?: string }

/** RFC 6749 §5.1, checked: the tokens are strings. */
export interface TokenResponse {
  readonly access_token?: string
  readonly id_token?: string
  readonly refresh_token?: string
  readonly token_type?: string
  readonly scope?: string
  readonly expires_in?: number
  /** Everything as received, for `login_tokens: [tokens]`. */
  readonly raw: JsonObject
}

/** What introspection or userinfo answered: an object, or a signed JWT that is still to be verified. */
export type ClaimsAnswer = { readonly json: JsonObject; readonly jwt?: undefined } | { readonly jwt: string; readonly json?: undefined }

/** @throws {OidcgwError} `ERR_PROVIDER_RESPONSE` when the answer is none of RFC 6749 (5xx, HTML, an unknown token type). */
export function readTokenAnswer({ status, headers, body }: HttpResponse): TokenAnswer {
  const json = parseObject(body)
  if (status >= 500) throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the token endpoint answered ${status}`)
  if (status !== 200 || json?.['error'] !== undefined) {
    return {
      kind: 'refused',
      status,
      ...(typeof json?.['error'] === 'string' && { error: json['error'] }),
      ...(typeof json?.['error_description'] === 'string' && { error_description: json['error_description'] }),
    }
  }
  if (!json) throw new OidcgwError('ERR_PROVIDER_RESPONSE', 'the token endpoint answered 200 without a JSON object')
  const type = json['token_type']
  if (type !== undefined && !(typeof type === 'string' && /^(bearer|dpop|n_a)$/i.test(type))) {
    throw new OidcgwError('ERR_PROVIDER_RESPONSE', 'the token endpoint gave a token of another type than Bearer')
  }
  for (const name of ['access_token', 'id_token', 'refresh_token'] as const) {
    if (json[name] !== undefined && json[name] !== null && !(typeof json[name] === 'string' && json[name] !== '')) {
      throw new OidcgwError('ERR_PROVIDER_RESPONSE', `${name} in the token response is no string`)
    }
  }
  return { kind: 'tokens', response: readTokens(json), headers }
}

function readTokens(json: JsonObject): TokenResponse {
  const text = (name: string) => (typeof json[name] === 'string' ? { [name]: json[name] } : {})
  // some providers write "60": RFC 6749 §5.1 wants a number
  const expiresIn = typeof json['expires_in'] === 'string' ? Number(json['expires_in']) : json['expires_in']
  return {
    ...text('access_token'),
    ...text('id_token'),
    ...text('refresh_token'),
    ...text('token_type'),
    ...text('scope'),
    ...(typeof expiresIn === 'number' && Number.isFinite(expiresIn) && { expires_in: expiresIn }),
    raw: json,
  }
}

/** @throws {OidcgwError} `ERR_PROVIDER_RESPONSE` when it is not a 200 with an object or a JWT. */
export function readClaimsAnswer(name: string, { status, headers, body }: HttpResponse): ClaimsAnswer {
  if (status !== 200) throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the ${name} endpoint answered ${status}`)
  const type = headers['content-type']
  if (typeof type === 'string' && /^application\/(?:[\w.-]+\+)?jwt\b/i.test(type)) return { jwt: body.toString('utf8').trim() }
  const json = parseObject(body)
  if (!json) throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the ${name} endpoint answered without a JSON object`)
  return { json }
}

function parseObject(body: Buffer): JsonObject | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown
    return isRecord(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
