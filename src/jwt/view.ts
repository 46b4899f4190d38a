import { lintToken, type LintEvidence } from './lint/index.js'
import type { Finding } from './lint/rule.js'
import { nestedToken, readDisclosures, type Disclosure } from './nested.js'
import type { TokenReading } from './reading.js'

/** A token read, with everything that can be said about it offline. */
export interface TokenView {
  readonly reading: TokenReading
  /** Made when first asked for: who only reads does not wait for eighty rules. */
  readonly findings: readonly Finding[]
  readonly disclosures: readonly Disclosure[]
  /** The token inside it. */
  readonly nested: TokenView | undefined
}

/** Deeper wrapping than this is nobody's honest token. */
const MAX_LEVELS = 4

export function viewToken(
  reading: TokenReading,
  context: LintEvidence & { readonly now: Date; readonly fromArgument?: boolean },
  level = 1,
): TokenView {
  const inner = level < MAX_LEVELS ? nestedToken(reading) : undefined
  let findings: readonly Finding[] | undefined
  return {
    reading,
    get findings() {
      return (findings ??= lintToken(reading, context))
    },
    disclosures: readDisclosures(reading),
    nested: inner && viewToken(inner, context, level + 1),
  }
}
