import { createHash } from 'node:crypto'
import { OidcgwError } from '../errors.js'
import type { TokenSet } from './types.js'

interface IdTokenParts {
  readonly header: { readonly alg?: string }
  readonly claims: Readonly<Record<string, unknown>>
}

/** Decoded, not verified: the library verified it when it came. Undefined when it cannot be read (an encrypted one). */
function read(idToken: string): IdTokenParts | undefined {
  const [header, claims] = idToken.split('.', 2).map((part) => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown
    } catch {
      return undefined
    }
  })
  return header && claims ? { header: header as IdTokenParts['header'], claims: claims as IdTokenParts['claims'] } : undefined
}

/** The `acr` of the sign-in when it is none of those asked for: `acr_values` is a wish that a provider may ignore (OIDC Core §3.1.2.1). */
export function unmetAcr({ id_token }: TokenSet, asked: string | undefined): string | undefined {
  if (asked === undefined || id_token === undefined) return undefined
  const acr = read(id_token)?.claims['acr']
  return typeof acr === 'string' && asked.split(/\s+/).includes(acr)
    ? undefined
    : `acr: asked for ${asked}, got ${JSON.stringify(acr ?? null)}`
}

/** `sub` of an ID token. */
export function subjectOf(idToken: string): string | undefined {
  const sub = read(idToken)?.claims['sub']
  return typeof sub === 'string' ? sub : undefined
}

/**
 * What the library leaves out: `at_hash` must fit the access token (OIDC Core §3.1.3.8), `azp` must be us when it is there (§3.1.3.7),
 * and a refreshed ID token must be about the same person (§12.2).
 *
 * @throws {OidcgwError} `ERR_LOGIN_RESPONSE`
 */
export function checkIdToken({ id_token, access_token }: TokenSet, clientId: string, before?: TokenSet): void {
  const token = id_token === undefined ? undefined : read(id_token)
  if (!token) return
  const { at_hash, azp, sub, iss } = token.claims
  if (at_hash !== undefined && at_hash !== leftHalf(access_token, token.header.alg)) {
    throw refused('at_hash does not fit the access token', 'OIDC Core §3.1.3.8')
  }
  if (azp !== undefined && azp !== clientId) throw refused(`azp: expected ${clientId}, got ${JSON.stringify(azp)}`, 'OIDC Core §3.1.3.7')
  const earlier = before?.id_token === undefined ? undefined : read(before.id_token)
  if (earlier && (earlier.claims['sub'] !== sub || earlier.claims['iss'] !== iss)) {
    throw refused('the refreshed ID token is about somebody else', 'OIDC Core §12.2')
  }
}

/**
 * Of tokens that came through the browser `at_hash` is required (OIDC Core §3.2.2.10).
 * @throws {OidcgwError} `ERR_LOGIN_RESPONSE`
 */
export function requireAtHash({ id_token = '' }: TokenSet): void {
  if (read(id_token)?.claims['at_hash'] === undefined) throw refused('it has no at_hash', 'OIDC Core §3.2.2.10')
}

/** The left half of the hash that belongs to the signature algorithm, base64url. */
function leftHalf(text: string, alg = ''): string {
  const size = /^(RS|PS|ES|HS)(256|384|512)$/.exec(alg)?.[2] ?? '512'
  const digest = createHash(`sha${size}`).update(text).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

const refused = (reason: string, spec: string): OidcgwError =>
  new OidcgwError('ERR_LOGIN_RESPONSE', `ID token refused: ${reason} (${spec})`)
