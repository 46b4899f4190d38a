import * as crypto from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { DecodedJwt } from '../../../../jwt/types.js'
import type { JsonObject } from '../../../../jwt/types.js'

const MAX_ENTRIES = 10_000
/** A key that left the set stops working within this time at most, even if nobody noticed the change. */
const MAX_AGE_MS = 5 * 60_000

/** A token whose signature was proven. What depends on route, clock and audience is judged anew on every request. */
export interface ProvenToken {
  readonly jwt: DecodedJwt
  readonly jwk: JsonObject | undefined
  /** Its claims passed as well, and go on passing from here (inclusive) to there (exclusive), in milliseconds, leeway included. */
  readonly passesFrom: number
  readonly passesUntil: number
}

/** Proven signatures by the digest of the whole token, tied to the content of the key set. Failures are never in here (G-91). */
export interface VerdictCache {
  get(digest: string, generation: string, now: number): ProvenToken | undefined
  set(digest: string, generation: string, now: number, proven: ProvenToken): void
}

export function createVerdictCache(): VerdictCache {
  const entries = new LRUCache<string, ProvenToken & { readonly generation: string; readonly at: number }>({ max: MAX_ENTRIES })
  return {
    get(digest, generation, now) {
      const entry = entries.get(digest)
      return entry && entry.generation === generation && Math.abs(now - entry.at) < MAX_AGE_MS ? entry : undefined
    },
    set: (digest, generation, at, proven) => void entries.set(digest, { ...proven, generation, at }),
  }
}

let last = { token: '', digest: '' }

/**
 * SHA-256 of the whole compact token, signature included: two spellings of one token are two tokens. Two caches may ask about the same
 * token within one request.
 */
export function tokenDigest(token: string): string {
  if (token !== last.token) last = { token, digest: sha256(token) }
  return last.digest
}

const sha256: (token: string) => string =
  // one call is cheaper where node has it (21.7, 20.12)
  typeof crypto.hash === 'function'
    ? (token) => crypto.hash('sha256', token, 'base64url')
    : (token) => crypto.createHash('sha256').update(token).digest('base64url')
