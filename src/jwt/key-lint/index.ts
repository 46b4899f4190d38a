import type { Jwk } from '../types.js'
import { MATH_RULES } from './math-rules.js'
import type { KeyFinding, KeyRule, KeySetContext } from './rule.js'
import { SET_RULES } from './set-rules.js'

/** Every rule about key sets, in the order of its number. */
export const KEY_RULES: readonly KeyRule[] = [...SET_RULES, ...MATH_RULES].toSorted((a, b) => (a.id < b.id ? -1 : 1))

/**
 * What is worth saying about a JWK Set, in the order of the rules.
 * @param document the parsed answer, whatever it is.
 */
export function lintKeySet(document: unknown, { now, delivery }: Pick<KeySetContext, 'now' | 'delivery'>): readonly KeyFinding[] {
  const listed: unknown = typeof document === 'object' && document !== null ? (document as { keys?: unknown }).keys : undefined
  const keys = Array.isArray(listed)
    ? listed.filter((jwk): jwk is Jwk => typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk))
    : []
  const context: KeySetContext = { document, keys, now, ...(delivery && { delivery }) }
  return KEY_RULES.flatMap(({ id, key, spec, check }) =>
    check(context).map((hit): KeyFinding => {
      const kid = hit.index === undefined ? undefined : keys[hit.index]?.kid
      return { id, key, spec, ...hit, ...(typeof kid === 'string' && { kid }) }
    }),
  )
}
