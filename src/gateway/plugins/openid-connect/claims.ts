import type { JsonObject, JsonValue } from '../../../jwt/types.js'
import { CLAIM_SOURCES, FIRST_LIST_INDEX } from './unconfirmed.js'
import type { Principal } from './types.js'

/** The value at a path, from the outside in; own members only, a decimal segment indexes a list from 1 (U26). */
export function claimAt(claims: JsonObject | undefined, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = claims
  for (const key of path) {
    if (Array.isArray(value)) value = /^\d{1,6}$/.test(key) ? (value as readonly JsonValue[])[Number(key) - FIRST_LIST_INDEX] : undefined
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) value = (value as JsonObject)[key]
    else return undefined
  }
  return value === null ? undefined : value
}

/** Where a kind of lookup may find a claim, in order. */
export type ClaimSource = (typeof CLAIM_SOURCES)[number]

/** The first source that has the claim (U18: the access token first). */
export function findClaim(
  principal: Principal,
  path: readonly string[],
  sources: readonly ClaimSource[] = CLAIM_SOURCES,
): JsonValue | undefined {
  for (const source of sources) {
    const value = claimAt(claimsOf(principal, source), path)
    if (value !== undefined) return value
  }
  return undefined
}

export function claimsOf(principal: Principal, source: ClaimSource): JsonObject | undefined {
  switch (source) {
    case 'accessToken':
      return principal.accessTokenClaims
    case 'idToken':
      return principal.idTokenClaims
    case 'introspection':
      return principal.introspection
    case 'userinfo':
      return principal.userinfo
  }
}

/** A claim as a set of strings: a text is split at spaces, elements of a list stay whole, a single scalar is one string. */
export function claimStrings(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return /\s/.test(value) ? value.split(/\s+/).filter((word) => word !== '') : value === '' ? [] : [value]
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (!Array.isArray(value)) return []
  return (value as readonly JsonValue[]).flatMap((item) =>
    (typeof item === 'string' && item !== '') || typeof item === 'number' || typeof item === 'boolean' ? [String(item)] : [],
  )
}
